import Diagnostics
import FileFormats
import ModelIR

@testable import Catalog

/// Records of one byte for the label and one byte for each value, in one file for each split.
///
/// `train` and `test` name a file, or a folder with `train.records` and `test.records`.
/// Cost: one pass over the file for the labels; values are read when they are used.
struct RecordsFormat: DatasetFormat {
  static let kind = "records"

  init(from reader: inout ConfigReader) {}

  var storedRange: ClosedRange<Double>? { 0...255 }

  func files(for split: DataSplit) -> DataRequest {
    .files([DataFileRequest("records", candidates: ["\(split.rawValue).records"])])
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    let file = files["records"]
    let size = shape.reduce(1, *)
    let (count, rest) = file.source.count.quotientAndRemainder(dividingBy: 1 + size)
    guard count > 0, rest == 0 else {
      throw file.fault(
        "truncated",
        "expected records of \(1 + size) bytes, found \(file.source.count) bytes in all",
        at: file.source.count)
    }
    var labels: [Int] = []
    for sample in 0..<count {
      let offset = sample * (1 + size)
      let label = Int(try file.source.bytes(offset..<offset + 1)[0])
      guard label < classes else {
        throw file.labelFault("\(label)", sample: sample, classes: classes, at: offset)
      }
      labels.append(label)
    }
    let stored = StoredSamples(
      file.source, .uint8, start: 1, stride: 1 + size, count: count, size: size)
    return LabeledData(shape: shape, stored: [stored], labels: labels)
  }
}
