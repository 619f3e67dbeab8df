import Execution
import Diagnostics
import OrderedCollections
import Testing

@testable import FileFormats
@testable import Files
@testable import TensorGraph

@Suite struct WeightsFileTests {
  let declared: OrderedDictionary<String, [Int]> = [
    "dense_1.weight": [2, 3], "dense_1.bias": [2], "dense_2.weight": [1, 2],
  ]

  @Test func reportsEverythingThatDoesNotFit() {
    let faults = WeightsFile.check(
      Weights([
        "dense_1.weight": HostTensor([3, 2], repeating: 0),
        "dense_1.bais": HostTensor([2], repeating: 0),
        "dense_2.weight": HostTensor([1, 2], repeating: 0), "zz": HostTensor(0),
      ]), declared: declared, path: "w")
    #expect(
      faults.map(\.id.rule) == ["shape", "missing", "unknown", "unknown"])
    #expect(faults[0].message == "'dense_1.weight' must have shape [2, 3], found [3, 2]")
    #expect(faults[1].help == "rename 'dense_1.bais' to 'dense_1.bias'")
    #expect(faults[2].help == "did you mean 'dense_1.bias'?")
  }

  @Test func loadsWhatFits() throws {
    let folder = try TemporaryFolder()
    let tensors = OrderedDictionary(
      uniqueKeysWithValues: declared.map { ($0.key, HostTensor($0.value, repeating: 1)) })
    let path = try folder.file("w", Safetensors.encode(.init(tensors: tensors)))
    #expect(try WeightsFile.load(path, declared: declared).weights.tensors.count == 3)
    #expect(throws: Failure.self) { try WeightsFile.load(path, declared: ["x": [1]]) }
  }
}
