import Diagnostics

/// Labelled samples in memory.
public struct LabeledData: Sendable {
  /// The shape of one sample.
  public let shape: [Int]
  /// Samples after one another, row-major, in stored units.
  public let values: [Float]
  /// A class for each sample.
  public let labels: [Int]
  /// Samples; the counts must agree.
  public init(shape: [Int], values: [Float], labels: [Int]) {
    precondition(values.count == labels.count * shape.reduce(1, *))
    self.shape = shape
    self.values = values
    self.labels = labels
  }
  /// The number of samples.
  public var count: Int { labels.count }
}

/// Which part of a data set is read.
public enum DataSplit: String, Sendable {
  case train, test
}

/// A file that a format needs: names to try in a folder, or the path itself if it is a file.
public struct DataFileRequest: Sendable {
  /// What the file holds, for messages and as the key of the bytes handed back.
  public let role: String
  /// File names to look for when the spec names a folder, in order.
  public let candidates: [String]
  /// A request.
  public init(_ role: String, candidates: [String]) {
    self.role = role
    self.candidates = candidates
  }
}

/// Bytes of a file, already decompressed, with its path for messages.
public struct DataFile: Sendable {
  /// The path as found.
  public let path: String
  /// The contents.
  public let bytes: [UInt8]
  /// A file.
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}

/// A file format of labelled data: one file in the catalog; bytes to tensors, no I/O.
public protocol DatasetFormat: Sendable {
  /// The name in a spec, `idx`.
  static var kind: String { get }
  /// The format's own keys beside the common ones (`format`, `train`, `test`, `scale`, `classes`).
  static var keys: [SpecKeyDescription] { get }
  /// Reads the own keys; nil after a diagnostic.
  init?(from reader: inout ConfigReader)
  /// The files to read for a split; empty if the format makes its data itself.
  func files(for split: DataSplit) -> [DataFileRequest]
  /// Decodes files by role; `shape` is the network's input, `classes` the number of labels.
  func decode(
    _ files: [String: DataFile], split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData
}
