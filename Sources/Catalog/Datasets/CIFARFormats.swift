import Diagnostics
import FileFormats
import ModelIR

/// The binary version of CIFAR-10, plain or gzip.
///
/// `train` names a folder with `data_batch_1.bin` to `data_batch_5.bin`, or one of them, whose folder
/// then holds the others; `test` a file, or a folder with `test_batch.bin`. A record is the label, 0 to
/// 9, and the red, green and blue values of a 32 × 32 image row by row. A file may have any number of
/// records. The network's input is [3, 32, 32] or [3072].
/// Cost: one pass over the files for the labels; images are read when they are used.
/// Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
struct CIFAR10Format: DatasetFormat {
  static let kind = "cifar10"

  init(from reader: inout ConfigReader) {}

  var storedRange: ClosedRange<Double>? { CIFARRecords.range }

  func files(for split: DataSplit) -> DataRequest {
    .files(
      names(split).map {
        DataFileRequest(
          $0, candidates: [$0 + ".bin"], otherForm: CIFARRecords.python("batches.meta", kind: "10"))
      })
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    try CIFARRecords(format: Self.kind, labelBytes: 1, label: 0)
      .decode(names(split).map { files[$0] }, shape: shape, classes: classes)
  }

  private func names(_ split: DataSplit) -> [String] {
    switch split {
    case .train: (1...5).map { "data_batch_\($0)" }
    case .test: ["test_batch"]
    }
  }
}

/// The binary version of CIFAR-100, plain or gzip.
///
/// `train` and `test` name a file, or a folder with `train.bin` and `test.bin`. A record is the coarse
/// label, 0 to 19, the fine label, 0 to 99, and an image as in CIFAR-10. A file may have any number of
/// records. The network's input is [3, 32, 32] or [3072].
/// Cost: one pass over the file for the labels; images are read when they are used.
/// Reference: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
struct CIFAR100Format: DatasetFormat {
  static let kind = "cifar100"
  static let examples = ["", "{labels: coarse}"]

  private enum LabelLevel: String, WordValue {
    case fine, coarse
  }

  private let labels: LabelLevel

  init(from reader: inout ConfigReader) {
    labels = reader.read("labels", default: .fine, "the 100 classes or their 20 groups")
  }

  var storedRange: ClosedRange<Double>? { CIFARRecords.range }

  func files(for split: DataSplit) -> DataRequest {
    .files([
      DataFileRequest(
        "records", candidates: ["\(split.rawValue).bin"],
        otherForm: CIFARRecords.python("meta", kind: "100"))
    ])
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    let label =
      switch labels {
      case .coarse: 0
      case .fine: 1
      }
    return try CIFARRecords(format: Self.kind, labelBytes: 2, label: label)
      .decode([files["records"]], shape: shape, classes: classes)
  }
}

/// Records of label bytes and a 3 × 32 × 32 image.
private struct CIFARRecords {
  static let range = 0.0...255
  private static let image = [3, 32, 32]

  /// A file that only the archive for Python has.
  static func python(_ file: String, kind: String) -> (file: String, help: String) {
    (file, "this is the archive for Python: unpack 'cifar-\(kind)-binary.tar.gz' instead")
  }

  private static let imageBytes = 3 * 32 * 32
  let format: String
  /// Bytes before each image.
  let labelBytes: Int
  /// The index of the byte that is the label.
  let label: Int

  private var recordBytes: Int { labelBytes + Self.imageBytes }

  /// All records of the files in order.
  func decode(
    _ files: [DataFile], shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    var parts: [StoredSamples] = []
    var labels: [Int] = []
    for file in files {
      try checkLength(of: file)
      try file.check(Self.image, fits: shape, at: 0)
      labels += try readLabels(of: file, classes: classes)
      parts.append(
        StoredSamples(
          file.source, .uint8, start: labelBytes, stride: recordBytes,
          count: file.source.count / recordBytes, size: Self.imageBytes))
    }
    return LabeledData(shape: shape, stored: parts, labels: labels)
  }

  private func checkLength(of file: DataFile) throws(Failure) {
    let (records, rest) = file.source.count.quotientAndRemainder(dividingBy: recordBytes)
    guard file.source.count > 0 else {
      throw file.fault("empty", "the file is empty", at: 0)
    }
    guard rest != 0 else { return }
    try refuseOtherKinds(file)
    throw file.fault(
      "truncated",
      "expected records of \(recordBytes) bytes, found \(rest) bytes after record \(records)",
      at: file.source.count)
  }

  private func readLabels(of file: DataFile, classes: Int) throws(Failure) -> [Int] {
    var labels: [Int] = []
    labels.reserveCapacity(file.source.count / recordBytes)
    try file.source.forEachPiece(
      of: 0..<file.source.count, size: 64 * recordBytes
    ) { piece, offset throws(Failure) in
      for start in stride(from: label, to: piece.count, by: recordBytes) {
        let found = Int(piece[start])
        guard found < classes else {
          try refuseOtherKinds(file)
          throw file.labelFault(
            "\(found)", sample: labels.count, classes: classes, at: offset + start)
        }
        labels.append(found)
      }
    }
    return labels
  }

  /// Records have no magic number, so other kinds are recognized only where the contents are not
  /// valid records.
  private func refuseOtherKinds(_ file: DataFile) throws(Failure) {
    guard let found = try file.recognizedKind() else { return }
    throw Failure(
      file.mismatch(found, required: "records of \(recordBytes) bytes", format: format))
  }
}
