import Diagnostics
import FileFormats
import ModelIR

/// Images and labels in two IDX files of unsigned bytes under MNIST's names, plain or gzip.
///
/// `train` and `test` name a folder with `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or
/// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte` (a point instead of the second hyphen and
/// an ending `.gz` are accepted); or one of these files, whose folder then holds the other.
/// Images [N, …] fit a network whose input has the same extents, apart from extents of 1, or is one
/// axis of as many values.
/// Cost: the labels are read, images are left where they are.
/// Reference: Y. LeCun, C. Cortes, C. Burges, the MNIST database.
struct IDXFormat: DatasetFormat {
  static let kind = "idx"
  static let keys: [SpecKeyDescription] = []

  init?(from reader: inout ConfigReader) {}

  /// Unsigned bytes.
  var storedRange: ClosedRange<Double>? { 0...255 }

  func files(for split: DataSplit) -> DataRequest {
    let prefix =
      switch split {
      case .train: "train"
      case .test: "t10k"
      }
    return .files(
      [("images", "idx3"), ("labels", "idx1")].map { role, rank in
        DataFileRequest(
          role, candidates: ["\(prefix)-\(role)-\(rank)-ubyte", "\(prefix)-\(role).\(rank)-ubyte"])
      })
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    let (imageFile, labelFile) = (files["images"], files["labels"])
    let images = try IDXArray(imageFile, ranks: 2...8)
    let labels = try IDXArray(labelFile, ranks: 1...1)
    guard images.extents[0] == labels.extents[0] else {
      throw labelFile.fault(
        "count",
        "each image needs one label: found \(labels.extents[0]) labels and \(images.extents[0]) "
          + "images in '\(imageFile.path)'", at: 4)
    }
    let image = Array(images.extents.dropFirst())
    try imageFile.check(image, fits: shape, at: 8)
    let size = image.reduce(1, *)
    let stored = StoredSamples(
      imageFile.source, .uint8, start: images.start, stride: size, count: images.extents[0],
      size: size)
    return LabeledData(
      shape: shape, stored: [stored],
      labels: try Self.labels(labels, of: labelFile, classes: classes))
  }

  private static func labels(
    _ array: IDXArray, of file: DataFile, classes: Int
  ) throws(Failure) -> [Int] {
    let labels = try file.source.bytes(array.start..<array.start + array.extents[0]).map { Int($0) }
    if let wrong = labels.firstIndex(where: { $0 >= classes }) {
      throw file.labelFault(labels[wrong], sample: wrong, classes: classes, at: array.start + wrong)
    }
    return labels
  }
}
