import Diagnostics
import ModelIR

/// The binary version of CIFAR-100, plain or gzip.
///
/// `train` and `test` name a file, or a folder with `train.bin` and `test.bin`. A record is the coarse
/// label, 0 to 19, the fine label, 0 to 99, and an image as in CIFAR-10. Any number of records will do.
/// The network's input is [3, 32, 32] or [3072].
/// Cost: one pass over the file for the labels; images are left where they are.
/// Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
struct CIFAR100Format: DatasetFormat {
  static let kind = "cifar100"
  static let keys: [SpecKeyDescription] = [labels.description]

  private static let labels = SpecKey<LabelLevel>(
    "labels", default: .fine, "the 100 classes or their 20 groups")

  let labels: LabelLevel

  init?(from reader: inout ConfigReader) {
    guard let labels = reader.read(Self.labels) else { return nil }
    self.labels = labels
  }

  /// Unsigned bytes.
  var storedRange: ClosedRange<Double>? { 0...255 }

  func files(for split: DataSplit) -> DataRequest {
    .files([DataFileRequest("records", candidates: ["\(split.rawValue).bin"])])
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    try CIFARRecords(format: Self.kind, labelBytes: 2, label: labels.place)
      .decode([files["records"]], shape: shape, classes: classes)
  }

  /// Which labels are taken.
  enum LabelLevel: String, WordValue {
    case fine, coarse

    /// The byte of a record.
    fileprivate var place: Int {
      switch self {
      case .coarse: 0
      case .fine: 1
      }
    }
  }
}
