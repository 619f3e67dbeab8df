import Diagnostics
import FileFormats

/// Labeled samples in stored units.
public struct LabeledData: Sendable {
  /// Where the values of the samples are.
  public enum Values: Sendable {
    /// In memory, samples after one another, row-major.
    case numbers([Float])
    /// In the sources that formats read, parts after one another.
    case stored([StoredSamples])
  }

  /// The shape of one sample.
  public let shape: [Int]
  /// The samples.
  public let values: Values
  /// A class for each sample.
  public let labels: [Int]

  /// Samples in memory; the counts must agree.
  public init(shape: [Int], values: [Float], labels: [Int]) {
    precondition(values.count == labels.count * shape.reduce(1, *))
    self.shape = shape
    self.values = .numbers(values)
    self.labels = labels
  }

  /// Samples that stay where they are; the counts must agree.
  public init(shape: [Int], stored parts: [StoredSamples], labels: [Int]) {
    let size = shape.reduce(1, *)
    precondition(parts.allSatisfy { $0.size == size })
    precondition(parts.reduce(0) { $0 + $1.count } == labels.count)
    self.shape = shape
    values = .stored(parts)
    self.labels = labels
  }

  /// Samples whose labels are not known: each has the label 0.
  public init(shape: [Int], unlabeled values: Values) {
    let size = shape.reduce(1, *)
    switch values {
    case .numbers(let numbers):
      self.init(
        shape: shape, values: numbers,
        labels: Array(repeating: 0, count: numbers.count / max(1, size)))
    case .stored(let parts):
      let count = parts.reduce(0) { $0 + $1.count }
      self.init(shape: shape, stored: parts, labels: Array(repeating: 0, count: count))
    }
  }

  /// The number of samples.
  public var count: Int { labels.count }
  /// The number of values of one sample.
  public var sampleCount: Int { shape.reduce(1, *) }
}
