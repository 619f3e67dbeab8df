import Diagnostics
import Testing

@testable import FileFormats
@testable import Files
@testable import TensorGraph

@Suite struct SafetensorsTests {
  static let contents = Safetensors.Contents(
    tensors: [
      "dense_1.weight": HostTensor([2, 3], [1, -2, 0.5, 1e-40, 3e38, 0]),
      "dense_1.bias": HostTensor([2], [-0.0, 7]), "counter": HostTensor(4),
    ], metadata: ["epoch": "12", "a \"key\"": "ü\n"])

  @Test func readsWhatItWrote() throws {
    let bytes = Safetensors.encode(Self.contents)
    let read = try Safetensors.decode(bytes, path: "w")
    #expect(Array(read.tensors.keys) == ["counter", "dense_1.bias", "dense_1.weight"])
    for (name, tensor) in Self.contents.tensors {
      #expect(read.tensors[name]?.shape == tensor.shape)
      #expect(read.tensors[name]?.elements.map(\.bitPattern) == tensor.elements.map(\.bitPattern))
    }
    #expect(
      Dictionary(uniqueKeysWithValues: read.metadata.map { ($0.key, $0.value) })
        == ["epoch": "12", "a \"key\"": "ü\n"])
    #expect(Safetensors.encode(read) == bytes)
    #expect((bytes.count - 4 * 9) % 8 == 0)
  }

  @Test func readsFloat64() throws {
    let bytes = file(
      #"{"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}"#,
      [1.5, 0.1].flatMap { value in withUnsafeBytes(of: Double(value).bitPattern) { Array($0) } })
    #expect(try Safetensors.decode(bytes, path: "w").tensors["x"] == HostTensor([2], [1.5, 0.1]))
  }

  @Test(arguments: [
    ("", 4, "weights.header"),
    ("[]", 0, "weights.header"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, 4, "weights.header"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x"#, 4, "weights.header"),
    (#"{"x":{"dtype":"F32","shape":[1]}}"#, 4, "weights.header"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"y":0}}"#, 4, "weights.header"),
    (#"{"x":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#, 4, "weights.element-type"),
    (#"{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "weights.shape"),
    (#"{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, "weights.shape"),
    (
      #"{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#, 4,
      "weights.shape"
    ),
    (#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "weights.size"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#, 4, "weights.offsets"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "weights.offsets"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "weights.layout"),
    (#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 8, "weights.trailing-bytes"),
    (
      #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      8, "weights.layout"
    ),
    (
      #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      8, "weights.header"
    ),
    (#"{"__metadata__":{"a":1}}"#, 0, "weights.metadata"),
  ])
  func rejects(header: String, dataSize: Int, id: String) {
    #expect(weightsFaults(file(header, Array(repeating: 0, count: dataSize))) == [id])
  }

  @Test(arguments: [Float.nan, .infinity]) func rejectsWhatIsNotFinite(value: Float) throws {
    let bytes = Safetensors.encode(.init(tensors: ["x": HostTensor([2], [0, value])]))
    do throws(Failure) {
      _ = try Safetensors.decode(bytes, path: "w")
      Issue.record("accepted")
    } catch {
      #expect(error.diagnostics.map(\.id.rule) == ["not-finite"])
      #expect(error.diagnostics[0].location == .file(path: "w", offset: bytes.count - 4))
    }
  }

  @Test(arguments: [0, 7, 8]) func rejectsAShortFile(count: Int) {
    let bytes = [UInt8](repeating: 0xFF, count: count)
    #expect(weightsFaults(bytes) == [count < 8 ? "weights.truncated" : "weights.header-length"])
  }

  private func file(_ header: String, _ data: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + header.utf8 + data
  }
}

/// The rules that the contents of a weights file break; empty if none.
func weightsFaults(_ bytes: [UInt8]) -> [String] {
  do throws(Failure) {
    _ = try WeightsFile.decode(bytes, path: "w")
    return []
  } catch { return error.diagnostics.map(\.id.description) }
}
