import Diagnostics
import ModelIR

/// The binary version of CIFAR-10, plain or gzip.
///
/// `train` names a folder with `data_batch_1.bin` to `data_batch_5.bin`, or one of them, whose folder
/// then holds the others; `test` a file, or a folder with `test_batch.bin`. A record is the label, 0 to
/// 9, and the red, green and blue values of a 32 × 32 image row by row. Any number of records will do.
/// The network's input is [3, 32, 32] or [3072].
/// Cost: one pass over the files for the labels; images are left where they are.
/// Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
struct CIFAR10Format: DatasetFormat {
  static let kind = "cifar10"
  static let keys: [SpecKeyDescription] = []

  init?(from reader: inout ConfigReader) {}

  /// Unsigned bytes.
  var storedRange: ClosedRange<Double>? { 0...255 }

  func files(for split: DataSplit) -> DataRequest {
    .files(Self.names(split).map { DataFileRequest($0, candidates: [$0 + ".bin"]) })
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    try CIFARRecords(format: Self.kind, labelBytes: 1, label: 0)
      .decode(Self.names(split).map { files[$0] }, shape: shape, classes: classes)
  }

  private static func names(_ split: DataSplit) -> [String] {
    switch split {
    case .train: (1...5).map { "data_batch_\($0)" }
    case .test: ["test_batch"]
    }
  }
}
