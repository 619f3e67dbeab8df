import Diagnostics
import ModelIR

/// Images and labels in two IDX files of unsigned bytes under MNIST's names, plain or gzip.
///
/// `train` and `test` name a folder with `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or
/// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte` (a point instead of the second hyphen and
/// an ending `.gz` are accepted); or one of these files, whose folder then holds the other.
/// Images [N, …] fit a network whose input has the same extents, apart from extents of 1, or is one
/// axis of as many values.
/// Cost: one pass; 4 bytes of memory for each byte of the image file.
/// Reference: Y. LeCun, C. Cortes, C. Burges, the MNIST database.
struct IDXFormat: DatasetFormat {
  static let kind = "idx"
  static let keys: [SpecKeyDescription] = []

  init?(from reader: inout ConfigReader) {}

  func files(for split: DataSplit) -> [DataFileRequest] {
    let prefix =
      switch split {
      case .train: "train"
      case .test: "t10k"
      }
    return [("images", "idx3"), ("labels", "idx1")].map { role, rank in
      DataFileRequest(
        role, candidates: ["\(prefix)-\(role)-\(rank)-ubyte", "\(prefix)-\(role).\(rank)-ubyte"])
    }
  }

  func decode(
    _ files: [String: DataFile], split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    guard let imageFile = files["images"], let labelFile = files["labels"] else {
      preconditionFailure("the files of the idx format were not read")
    }
    let images = try IDXArray(imageFile, ranks: 2...8)
    let labels = try IDXArray(labelFile, ranks: 1...1)
    guard images.extents[0] == labels.extents[0] else {
      throw labelFile.fault(
        "count",
        "each image needs one label: found \(labels.extents[0]) labels and \(images.extents[0]) "
          + "images in '\(imageFile.path)'", at: 4)
    }
    try Self.check(Array(images.extents.dropFirst()), fits: shape, imageFile)
    if let wrong = labels.elements.firstIndex(where: { Int($0) >= classes }) {
      throw labelFile.fault(
        "label-range",
        "labels must be 0 to \(classes - 1) ('classes' is \(classes)), found "
          + "\(labels.elements[wrong]) for sample \(wrong - labels.elements.startIndex)", at: wrong)
    }
    return LabeledData(
      shape: shape, values: images.elements.map { Float($0) },
      labels: labels.elements.map { Int($0) })
  }

  private static func check(
    _ image: [Int], fits shape: [Int], _ file: DataFile
  ) throws(Failure) {
    let isFlat = shape.count == 1 && shape[0] == image.reduce(1, *)
    guard isFlat || image.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else {
      throw file.fault(
        "shape",
        "an image must fit the network's input \(shapeText(shape)), found \(shapeText(image))",
        at: 8, help: "set 'network.input' to \(shapeText(image.count == 2 ? [1] + image : image))")
    }
  }
}
