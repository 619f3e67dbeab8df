import Diagnostics
import FileFormats
import ModelIR

/// Data made from a seed, for tests and for specs that need no files.
///
/// `distribution` is one of
/// - `gaussian_blobs`: a centre a class, in random directions at distance `separation` from 0;
/// - `two_moons`: two interleaved half circles in the first two values (2 classes);
/// - `rings`: class k on a circle of radius (k + 1)/classes in the first two values;
/// - `waves`: class k is a sine with k + 1 periods along the last axis, at a random phase for each
///   sample: which class cannot be told from any single value;
/// - `digits`: pictures of house-number style, one or three colours of at least 16 × 16 pixels: class k
///   is the digit k, with parts of other digits beside it, on a background that changes from one
///   colour to another; `separation` is the factor of the contrast (10 classes).
///
/// Every value has Gaussian noise of deviation `noise` added; two_moons and rings are noise alone
/// beyond their two values; digits are then clamped to [0, 1]. Sample i has class i mod `classes`.
/// The training and the test split come from streams that never meet; a sample depends on the seed,
/// the split and its index alone.
/// Cost: O(samples × values).
struct SyntheticFormat: DatasetFormat {
  static let kind = "synthetic"
  static let keys: [SpecKeyDescription] = [
    distribution.description, samples.description, testSamples.description, seed.description,
    noise.description, separation.description,
  ]

  private static let distribution = SpecKey<SyntheticDistribution>(
    "distribution", default: .gaussianBlobs, "what the samples are drawn from")
  private static let samples = SpecKey<Int>(
    "samples", default: 1000, "training samples", countRequirement)
  private static let testSamples = SpecKey<Int>(
    "test_samples", default: 500, "test samples", countRequirement)
  private static let seed = SpecKey<Int>(
    "seed", default: 1, "the seed of the data", .init("at least 0") { $0 >= 0 })
  private static let noise = SpecKey<Double>(
    "noise", default: 0.1, "the deviation of the noise", scaleRequirement)
  private static let separation = SpecKey<Double>(
    "separation", default: 1, "the size of the pattern", scaleRequirement)
  private static let countRequirement = SpecKey<Int>.Requirement("between 1 and 10000000") {
    (1...10_000_000).contains($0)
  }
  private static let scaleRequirement = SpecKey<Double>.Requirement("between 0 and 1000000") {
    (0...1e6).contains($0)
  }

  let distribution: SyntheticDistribution
  let samples: Int
  let testSamples: Int
  let seed: Int
  let noise: Double
  let separation: Double
  private let span: Span

  init?(from reader: inout ConfigReader) {
    let distribution = reader.read(Self.distribution)
    let samples = reader.read(Self.samples)
    let testSamples = reader.read(Self.testSamples)
    let seed = reader.read(Self.seed)
    let noise = reader.read(Self.noise)
    let separation = reader.read(Self.separation)
    guard let distribution, let samples, let testSamples, let seed, let noise, let separation else {
      return nil
    }
    self.distribution = distribution
    self.samples = samples
    self.testSamples = testSamples
    self.seed = seed
    self.noise = noise
    self.separation = separation
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

/// What synthetic samples are drawn from.
enum SyntheticDistribution: String, WordValue {
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
