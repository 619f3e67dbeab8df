import Diagnostics
import FileFormats
import ModelIR

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
  func recognisedKind() throws(Failure) -> FileKind? {
    let kind = try FileKind(source)
    return kind == .unknown || kind == .text ? nil : kind
  }

  /// A fault for contents of another kind than the spec says.
  func mismatch(_ found: FileKind, required: String, format: String) -> Diagnostic {
    let name = isCompressed ? found.compressedName : found.name
    return Diagnostic(
      Diagnostic.ID(.data, "format"), "'\(format)' needs \(required), found \(name)",
      at: .file(path: path, offset: 0), help: found.remedy)
  }
}

extension FileKind {
  /// The name of contents that were gzip: `a gzip'd IDX file`.
  fileprivate var compressedName: String {
    let article = name.hasPrefix("an ") ? "an " : name.hasPrefix("a ") ? "a " : ""
    return (article.isEmpty ? "" : "a ") + "gzip'd " + name.dropFirst(article.count)
  }

  /// How to have such a file read.
  fileprivate var remedy: String? {
    switch self {
    case .idx: "set 'format: idx'"
    case .zip: "set 'format: npz' if it holds NumPy arrays, else unpack it"
    case .npy: "save images and labels in one file with numpy.savez, and set 'format: npz'"
    case .matlab5: "set 'format: svhn'"
    case .hdf5: "save it anew in MATLAB's format 7 with save(…, '-v7')"
    case .png: "put the images into one folder a class, and set 'format: images'"
    case .jpeg: "convert the images to PNG, in one folder a class, and set 'format: images'"
    case .pickle: "take the binary version of the data: a pickle would have to be executed"
    case .tar: "unpack it"
    case .gzip: "decompress it once"
    case .text: "set 'format: csv' if it is a table"
    case .unknown: nil
    }
  }
}
