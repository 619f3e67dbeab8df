import Diagnostics
import FileFormats
import ModelIR
import RealModule
import TensorGraph

/// Data generated from a seed, for tests and for specs without data files.
///
/// `distribution` is one of
/// - `gaussian_blobs`: a center per class, in random directions at distance `separation` from 0;
/// - `two_moons`: two interleaved half circles in the first two values (2 classes);
/// - `rings`: class k on a circle of radius (k + 1)/classes in the first two values;
/// - `waves`: class k is a sine with k + 1 periods along the last axis, at a random phase for each
///   sample: no single value tells the class;
/// - `digits`: pictures in the style of house numbers, one or three colors of at least 16 × 16 pixels:
///   class k is the digit k, with parts of other digits beside it, on a background that changes from one
///   color to another; `separation` is the factor of the contrast (10 classes).
///
/// Every value has Gaussian noise of deviation `noise` added; beyond their two values two_moons and
/// rings are noise only; digits are then clamped to [0, 1]. Sample i has class i mod `classes`.
/// The training and the test split come from independent streams; a sample depends on the seed, the
/// split and its index alone.
/// Cost: O(samples × values).
struct SyntheticFormat: DatasetFormat {
  static let kind = "synthetic"
  static let examples = ["", "{distribution: waves, samples: 64, test_samples: 32, noise: 0.2}"]

  fileprivate let distribution: Distribution
  private let samples: Int
  private let testSamples: Int
  fileprivate let seed: Int
  fileprivate let noise: Double
  fileprivate let separation: Double
  private let span: Span

  init(from reader: inout ConfigReader) {
    distribution = reader.read(
      "distribution", default: .gaussianBlobs, "the distribution of the samples")
    samples = reader.read(
      "samples", default: 1000, "training samples", .range(1...10_000_000))
    testSamples = reader.read(
      "test_samples", default: 500, "test samples", .range(1...10_000_000))
    seed = reader.read("seed", default: 1, "the seed of the data", .natural)
    noise = reader.read("noise", default: 0.1, "the deviation of the noise", .range(0...1e6))
    separation = reader.read(
      "separation", default: 1, "the size of the pattern", .range(0...1e6))
    span = reader.span
  }

  /// Pictures are clamped, nothing else is.
  var storedRange: ClosedRange<Double>? { distribution == .digits ? 0...1 : nil }

  func files(for split: DataSplit) -> DataRequest { .none }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    let count =
      switch split {
      case .train: samples
      case .test: testSamples
      }
    try check(count, shape, classes)
    let generator = SyntheticGenerator(self, split: split, shape: shape, classes: classes)
    return LabeledData(
      shape: shape, values: generator.values(count), labels: (0..<count).map { $0 % classes })
  }

  private func check(_ count: Int, _ shape: [Int], _ classes: Int) throws(Failure) {
    guard ElementCount.of(shape + [count]) != nil else {
      throw fault(
        "too-large",
        "\(count) samples of \(shape.shapeText) are more than \(ElementCount.limit) values",
        help: "lower 'samples' or 'test_samples'")
    }
    if let required = distribution.classCount, classes != required {
      throw fault(
        "classes", "'\(distribution.rawValue)' has \(required) classes, 'classes' is \(classes)")
    }
    guard distribution.fits(shape) else {
      throw fault(
        "shape",
        "'\(distribution.rawValue)' needs an input of \(distribution.shapeRequirement), "
          + "found \(shape.shapeText)")
    }
  }

  private func fault(_ rule: String, _ message: String, help: String? = nil) -> Failure {
    Failure(.error(.data, rule, message, at: span, help: help))
  }
}

private enum Distribution: String, WordValue {
  case gaussianBlobs = "gaussian_blobs"
  case twoMoons = "two_moons"
  case rings, waves, digits

  /// The number of classes, where the distribution fixes it.
  var classCount: Int? {
    switch self {
    case .twoMoons: 2
    case .digits: 10
    case .gaussianBlobs, .rings, .waves: nil
    }
  }

  /// Whether samples can have a shape.
  func fits(_ shape: [Int]) -> Bool {
    switch self {
    case .twoMoons, .rings: shape.reduce(1, *) >= 2
    case .digits:
      shape.count == 3 && (shape[0] == 1 || shape[0] == 3) && min(shape[1], shape[2]) >= 16
    case .gaussianBlobs, .waves: true
    }
  }

  /// The shapes that fit, in words.
  var shapeRequirement: String {
    switch self {
    case .twoMoons, .rings: "at least 2 values"
    case .digits: "[1 or 3, height, width] with at least 16 rows and columns"
    case .gaussianBlobs, .waves: "any shape"
    }
  }
}

/// The values of one split.
private struct SyntheticGenerator {
  private let format: SyntheticFormat
  private let classes: Int
  private let shape: [Int]
  private let size: Int
  private let width: Int
  /// Of the noise, one counter a sample.
  private let noiseStream: UInt64
  /// Of the place along the pattern and of scenes, one counter a sample.
  private let placeStream: UInt64
  /// Of what all samples share, in both splits.
  private let commonStream: UInt64

  init(_ format: SyntheticFormat, split: DataSplit, shape: [Int], classes: Int) {
    self.format = format
    self.classes = classes
    self.shape = shape
    size = shape.reduce(1, *)
    width = shape.last ?? 1
    let seed = UInt64(format.seed)
    noiseStream = CounterRandom.stream(seed: seed, "synthetic.\(split.rawValue).noise")
    placeStream = CounterRandom.stream(seed: seed, "synthetic.\(split.rawValue).place")
    commonStream = CounterRandom.stream(seed: seed, "synthetic.classes")
  }

  /// So many samples after one another.
  func values(_ count: Int) -> [Float] {
    let centers = format.distribution == .gaussianBlobs ? (0..<classes).map(center) : []
    var values: [Float] = []
    values.reserveCapacity(count * size)
    for sample in 0..<count {
      let pattern = pattern(sample, sample % classes, centers)
      for index in 0..<size {
        let value = pattern[index] + format.noise * normal(noiseStream, sample, index)
        values.append(Float(format.distribution == .digits ? min(1, max(0, value)) : value))
      }
    }
    return values
  }

  /// A random direction of length 1.
  private func center(_ label: Int) -> [Double] {
    let direction = (0..<size).map { normal(commonStream, label, $0) }
    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return direction.map { $0 / max(length, .leastNormalMagnitude) }
  }

  /// A sample without its noise.
  private func pattern(_ sample: Int, _ label: Int, _ centers: [[Double]]) -> [Double] {
    let place = uniform(sample, 0)
    switch format.distribution {
    case .gaussianBlobs: return centers[label].map { format.separation * $0 }
    case .twoMoons:
      let angle = .pi * place
      let moon = [Double.cos(angle), Double.sin(angle)]
      return inPlane(label == 0 ? moon : [1 - moon[0], 0.5 - moon[1]])
    case .rings:
      let radius = Double(label + 1) / Double(classes)
      return inPlane([
        radius * Double.cos(2 * .pi * place), radius * Double.sin(2 * .pi * place),
      ])
    case .waves:
      return (0..<size).map { index in
        let position = Double(index % width) / Double(width)
        return format.separation * Double.sin(2 * .pi * (Double(label + 1) * position + place))
      }
    case .digits:
      return DigitScene(digit: label, shape: shape) { uniform(sample, $0) }
        .values(contrast: format.separation)
    }
  }

  /// A point of the first two values, the others 0.
  private func inPlane(_ point: [Double]) -> [Double] {
    (0..<size).map { $0 < 2 ? format.separation * point[$0] : 0 }
  }

  private func uniform(_ sample: Int, _ index: Int) -> Double {
    CounterRandom.uniform(stream: placeStream, counter: UInt64(sample), index: UInt64(index))
  }

  /// A standard normal deviate by Box and Muller's formula.
  private func normal(_ stream: UInt64, _ counter: Int, _ index: Int) -> Double {
    let first = CounterRandom.uniform(
      stream: stream, counter: UInt64(counter), index: UInt64(2 * index))
    let second = CounterRandom.uniform(
      stream: stream, counter: UInt64(counter), index: UInt64(2 * index + 1))
    return (-2 * Double.log(1 - first)).squareRoot() * Double.cos(2 * .pi * second)
  }
}
