import Diagnostics
import ModelIR
import Testing

@testable import Catalog

@Suite struct SyntheticFormatTests {
  func data(
    _ keys: [(String, String)], _ split: DataSplit = .train, shape: [Int] = [2, 3], classes: Int = 2
  ) throws(Failure) -> LabeledData {
    var reader = configReader("synthetic", keys)
    let format = SyntheticFormat(from: &reader)
    guard !reader.hasFaults else { throw Failure(reader.diagnostics) }
    return try format.decode(DataFiles(), split: split, shape: shape, classes: classes)
  }

  @Test(arguments: ["gaussian_blobs", "two_moons", "rings", "waves"])
  func isAFunctionOfItsSeed(distribution: String) throws {
    let keys = [("distribution", distribution), ("samples", "40"), ("test_samples", "40")]
    let first = try data(keys)
    #expect(first.count == 40)
    #expect(Set(first.labels) == [0, 1])
    #expect(first.numbers.allSatisfy { $0.isFinite })
    #expect(try data(keys).numbers == first.numbers)
    #expect(try data(keys + [("seed", "2")]).numbers != first.numbers)
    #expect(Set(try data(keys, .test).numbers).isDisjoint(with: first.numbers))
  }

  @Test func separatesBlobs() throws {
    let keys = [("samples", "200"), ("noise", "0.05")]
    let train = try data(keys)
    let test = try data(keys, .test)
    let (means, testValues) = ([0, 1].map(train.mean), test.numbers)
    let correct = (0..<test.count).count { sample in
      let x = testValues[sample * 6..<sample * 6 + 6]
      let distances = [0, 1].map { label in
        zip(x, means[label]).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      return (distances[1] < distances[0] ? 1 : 0) == test.labels[sample]
    }
    #expect(correct == test.count)
  }

  @Test func drawsMoonsOnTheirCircles() throws {
    let data = try data([("distribution", "two_moons"), ("noise", "0")], shape: [2])
    let values = data.numbers
    for sample in 0..<data.count {
      let (x, y) = (Double(values[2 * sample]), Double(values[2 * sample + 1]))
      let (dx, dy) = data.labels[sample] == 0 ? (x, y) : (x - 1, y - 0.5)
      #expect(abs(dx * dx + dy * dy - 1) < 1e-6)
      #expect(data.labels[sample] == 0 ? dy >= 0 : dy <= 0)
    }
  }

  @Test(arguments: [[3, 20, 24], [1, 16, 16]])
  func drawsDigitsFromTheSeed(shape: [Int]) throws {
    let keys = [("distribution", "digits"), ("samples", "20"), ("test_samples", "20")]
    let first = try data(keys, shape: shape, classes: 10)
    #expect(first.labels == (0..<20).map { $0 % 10 })
    #expect(first.numbers.allSatisfy { (0...1).contains($0) })
    #expect(try data(keys, shape: shape, classes: 10).numbers == first.numbers)
    #expect(try data(keys + [("seed", "2")], shape: shape, classes: 10).numbers != first.numbers)
    let test = try data(keys, .test, shape: shape, classes: 10)
    #expect(zip(test.numbers, first.numbers).count { $0 == $1 } < first.numbers.count / 4)
  }

  /// Neighbors by the distance from the mean brightness, which forgets colors and their order, tell
  /// digits apart far above chance, 0.1; without the digits they do not.
  @Test(arguments: [("1", 0.3...1), ("0", 0...0.2)])
  func drawsDigitsThatCanBeToldApart(separation: String, accuracy: ClosedRange<Double>) throws {
    let keys = [
      ("distribution", "digits"), ("samples", "200"), ("test_samples", "50"), ("noise", "0.02"),
      ("separation", separation),
    ]
    let features = { (split: DataSplit) throws -> [[Float]] in
      let values = try data(keys, split, shape: [1, 16, 16], classes: 10).numbers
      return (0..<values.count / 256).map { index in
        let pixels = values[index * 256..<(index + 1) * 256]
        let mean = pixels.reduce(0, +) / 256
        return pixels.map { abs($0 - mean) }
      }
    }
    let (known, unknown) = (try features(.train), try features(.test))
    let correct = unknown.indices.count { sample in
      let distances = known.map {
        zip($0, unknown[sample]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      let nearest = distances.indices.min { distances[$0] < distances[$1] }
      return nearest.map { $0 % 10 } == sample % 10
    }
    #expect(accuracy.contains(Double(correct) / 50))
  }

  @Test(
    arguments: [
      (["distribution": "digits"], [3, 32, 32], 9, "data.classes spec"),
      (["distribution": "digits"], [2, 32, 32], 10, "data.shape spec"),
      (["distribution": "digits"], [3, 32, 15], 10, "data.shape spec"),
      (["distribution": "digits"], [3072], 10, "data.shape spec"),
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
    let values = numbers
    let size = values.count / count
    let samples = (0..<count).filter { labels[$0] == label }
    return (0..<size).map { index in
      samples.reduce(0) { $0 + values[$1 * size + index] } / Float(samples.count)
    }
  }
}
