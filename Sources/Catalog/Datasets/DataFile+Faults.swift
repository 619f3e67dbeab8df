import Diagnostics
import FileFormats
import ModelIR

extension DataFile {
  /// A fault at a byte of the (decompressed) contents.
  func fault(_ rule: String, _ message: String, at offset: Int, help: String? = nil) -> Failure {
    Failure(
      Diagnostic(
        Diagnostic.ID(.data, rule), message, at: .file(path: path, offset: offset), help: help))
  }

  /// A fault at a one-based row and column of a table.
  func fault(_ rule: String, _ message: String, row: Int, column: Int? = nil, help: String? = nil)
    -> Diagnostic
  {
    Diagnostic(
      Diagnostic.ID(.data, rule), message, at: .row(path: path, line: row, column: column),
      help: help)
  }

  /// A label that is no class.
  func labelFault(_ label: Int, sample: Int, classes: Int, at offset: Int) -> Failure {
    fault(
      "label-range",
      "labels must be 0 to \(classes - 1) ('classes' is \(classes)), found \(label) for sample "
        + "\(sample)", at: offset)
  }

  /// Throws unless images fit the network's input: the same extents apart from extents of 1, or one
  /// axis of as many values.
  func check(_ image: [Int], fits shape: [Int], at offset: Int) throws(Failure) {
    let isFlat = shape.count == 1 && shape[0] == image.checkedProduct
    guard isFlat || image.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else {
      throw fault(
        "shape",
        "an image must fit the network's input \(shape.shapeText), found \(image.shapeText)",
        at: offset,
        help: "set 'network.input' to \((image.count == 2 ? [1] + image : image).shapeText)")
    }
  }
}
