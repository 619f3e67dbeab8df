import Diagnostics
import FileFormats
import ModelIR

extension DataFile {
  /// A fault at a byte of the (decompressed) contents.
  func fault(_ rule: String, _ message: String, at offset: Int, help: String? = nil) -> Failure {
    FileFault(.data, path: path)(rule, message, at: offset, help: help)
  }

  /// A fault at a one-based row and column of a table.
  func fault(_ rule: String, _ message: String, row: Int, column: Int? = nil, help: String? = nil)
    -> Diagnostic
  {
    Diagnostic(
      Diagnostic.ID(.data, rule), message, at: .row(path: path, line: row, column: column),
      help: help)
  }

  /// A label that is not a class.
  func labelFault(_ found: String, sample: Int, classes: Int, at offset: Int) -> Failure {
    fault(
      "label-range", Self.labelRule(classes: classes) + ", found \(found) for sample \(sample)",
      at: offset)
  }

  static func labelRule(classes: Int) -> String {
    "labels must be integers from 0 to \(classes - 1) ('classes' is \(classes))"
  }

  /// Throws unless images fit the network's input: the same extents apart from extents of 1, or one
  /// axis of as many values.
  func check(_ image: [Int], fits shape: [Int], at offset: Int) throws(Failure) {
    let isFlat = shape.count == 1 && shape[0] == image.checkedProduct
    guard isFlat || image.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else {
      throw fault(
        "shape",
        "images must fit the network's input \(shape.shapeText), found \(image.shapeText)",
        at: offset,
        help: "set 'network.input' to \((image.count == 2 ? [1] + image : image).shapeText)")
    }
  }

  /// Throws unless there is one label for each image, apart from axes of extent 1.
  func check(
    _ labels: (name: String, extents: [Int]), matches images: (name: String, count: Int),
    at offset: Int
  ) throws(Failure) {
    guard labels.extents.filter({ $0 != 1 }) == [images.count].filter({ $0 != 1 }) else {
      throw fault(
        "count",
        "each image needs one label: '\(images.name)' has \(images.count) images, "
          + "'\(labels.name)' has shape \(labels.extents.shapeText)", at: offset)
    }
  }
}

extension DataFile {
  /// Throws unless the contents are of a kind.
  ///
  /// - Parameter format: the spec's word for the format that needs it.
  func require(_ kind: FileKind, for format: String) throws(Failure) {
    let found = try FileKind(source)
    guard found != kind else { return }
    throw Failure(mismatch(found, required: kind.name, format: format))
  }

  /// Another kind of file that the contents certainly are; nil where they may be anything.
  func recognizedKind() throws(Failure) -> FileKind? {
    let kind = try FileKind(source)
    return kind == .unknown || kind == .text ? nil : kind
  }

  /// A fault for contents of another kind than the spec says.
  func mismatch(_ found: FileKind, required: String, format: String) -> Diagnostic {
    let name = isCompressed ? found.compressedName : found.name
    return FileFault(.data, path: path).diagnostic(
      "format", "'\(format)' needs \(required), found \(name)", at: 0, help: found.remedy)
  }
}

extension FileKind {
  /// The name of contents that were compressed: `a gzip-compressed IDX file`.
  fileprivate var compressedName: String {
    let article = name.hasPrefix("an ") ? "an " : name.hasPrefix("a ") ? "a " : ""
    return (article.isEmpty ? "" : "a ") + "gzip-compressed " + name.dropFirst(article.count)
  }

  /// What to do to have such a file read.
  fileprivate var remedy: String? {
    switch self {
    case .idx: "set 'format: idx'"
    case .zip: "set 'format: npz' if it holds NumPy arrays, otherwise unpack it"
    case .npy: "save images and labels in one file with numpy.savez, and set 'format: npz'"
    case .matlab5: "set 'format: svhn'"
    case .hdf5: "save it again in MATLAB's format 7 with save(…, '-v7')"
    case .png: "put the images into one folder per class, and set 'format: images'"
    case .jpeg: "convert the images to PNG, in one folder per class, and set 'format: images'"
    case .pickle: "use the binary version of the data: loading a pickle executes code"
    case .tar: "unpack it"
    case .gzip: "decompress it once"
    case .text: "set 'format: csv' if it is a table"
    case .unknown: nil
    }
  }
}
