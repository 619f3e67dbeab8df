import Diagnostics

/// Which part of a data set is read.
public enum DataSplit: String, Sendable {
  case train, test

  /// The one that this is not.
  public var other: DataSplit {
    switch self {
    case .train: .test
    case .test: .train
    }
  }
}

/// A file format of labeled data: bytes to tensors, without I/O.
///
/// Its keys stand beside the common ones (`format`, `train`, `test`, `scale`, `classes`).
public protocol DatasetFormat: CatalogEntry where Example == String {
  /// The numbers that stored values lie between, where the format itself has such limits.
  var storedRange: ClosedRange<Double>? { get }
  /// What to read for a split.
  func files(for split: DataSplit) -> DataRequest
  /// Decodes what was read; `shape` is the network's input, `classes` the number of labels.
  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData
}

/// A format that can also be read without labels, as the inputs of predictions.
public protocol UnlabeledFormat: DatasetFormat {
  /// Decodes the inputs alone; labels that stand beside them are not read.
  ///
  /// - Parameter files: what was found for a path, by the role of ``files(for:)``; folders of images have no
  ///   classes.
  func inputs(_ files: DataFiles, shape: [Int]) throws(Failure) -> LabeledData.Values
}
