import Diagnostics
import ModelIR
import Testing

@testable import Catalog

@Suite struct SyntheticFormatTests {
  func data(
    _ keys: [(String, String)], _ split: DataSplit = .train, shape: [Int] = [2, 3], classes: Int = 2
  ) throws(Failure) -> LabeledData {
    var reader = configReader("synthetic", keys)
    guard let format = SyntheticFormat(from: &reader) else { throw Failure(reader.diagnostics) }
    return try format.decode([:], split: split, shape: shape, classes: classes)
  }

  @Test(arguments: ["gaussian_blobs", "two_moons", "rings", "waves"])
  func isAFunctionOfItsSeed(distribution: String) throws {
    let keys = [("distribution", distribution), ("samples", "40"), ("test_samples", "40")]
    let first = try data(keys)
    #expect(first.count == 40)
    #expect(Set(first.labels) == [0, 1])
    #expect(first.values.allSatisfy { $0.isFinite })
    #expect(try data(keys).values == first.values)
    #expect(try data(keys + [("seed", "2")]).values != first.values)
    #expect(Set(try data(keys, .test).values).isDisjoint(with: first.values))
  }

  @Test func separatesBlobs() throws {
    let keys = [("samples", "200"), ("noise", "0.05")]
    let train = try data(keys)
    let test = try data(keys, .test)
    let centre = { (label: Int) -> [Float] in train.mean(of: label) }
    let correct = (0..<test.count).count { sample in
      let x = test.values[sample * 6..<sample * 6 + 6]
      let distances = [0, 1].map { label in
        zip(x, centre(label)).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      return (distances[1] < distances[0] ? 1 : 0) == test.labels[sample]
    }
    #expect(correct == test.count)
  }

  @Test func drawsMoonsOnTheirCircles() throws {
    let data = try data([("distribution", "two_moons"), ("noise", "0")], shape: [2])
    for sample in 0..<data.count {
      let (x, y) = (Double(data.values[2 * sample]), Double(data.values[2 * sample + 1]))
      let (dx, dy) = data.labels[sample] == 0 ? (x, y) : (x - 1, y - 0.5)
      #expect(abs(dx * dx + dy * dy - 1) < 1e-6)
      #expect(data.labels[sample] == 0 ? dy >= 0 : dy <= 0)
    }
  }

  @Test(
    arguments: [
      (["distribution": "two_moons"], [2], 3, "data.classes spec"),
      (["distribution": "rings"], [1], 2, "data.shape spec"),
      (["samples": "10000000"], [1000], 2, "data.too-large spec"),
      (["samples": "0"], [2], 2, "spec.out-of-range spec"),
      (["distribution": "moons"], [2], 2, "spec.unknown-word spec"),
    ] as [([String: String], [Int], Int, String)])
  func rejects(keys: [String: String], shape: [Int], classes: Int, fault: String) {
    let found = faults { () throws(Failure) in
      try data(keys.map { ($0.key, $0.value) }, shape: shape, classes: classes)
    }
    #expect(found == [fault])
  }
}

extension LabeledData {
  /// The mean of the samples of a class.
  fileprivate func mean(of label: Int) -> [Float] {
    let size = values.count / count
    let samples = (0..<count).filter { labels[$0] == label }
    return (0..<size).map { index in
      samples.reduce(0) { $0 + values[$1 * size + index] } / Float(samples.count)
    }
  }
}
