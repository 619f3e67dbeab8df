import Diagnostics
import SpecSyntax
import TensorGraph

/// The keys of `network: {onnx: FILE}`, which stand in place of `input` and `layers`.
public struct NetworkFile: Sendable {
  /// The file's path as written, relative to the spec's folder.
  public let path: String
  /// The output with the logits; nil where the model has only one.
  public let output: String?
  /// Where the path is written.
  public let span: Span

  /// The keys of the section in the tree of a spec; nil where it states its layers, or after a diagnostic.
  public static func read(
    _ section: YAMLNode, _ diagnostics: inout [Diagnostic]
  ) -> NetworkFile? {
    guard !section.isFaulty, let file = section["onnx"] else { return nil }
    if let other = ["layers", "input"].first(where: { section[$0] != nil }) {
      diagnostics.append(
        .error(
          .spec, "conflict",
          "'network' has its layers from the file under 'onnx', or states "
            + "'input' and 'layers'; found both", at: file.span,
          help: "remove 'onnx', or '\(other)'"))
      return nil
    }
    var reader = ConfigReader(kind: "network", span: section.span, value: section)
    let keys = NetworkFile(from: &reader)
    reader.finish()
    diagnostics += reader.diagnostics
    return reader.hasFaults ? nil : keys
  }

  /// Reads the keys.
  init(from reader: inout ConfigReader) {
    let path = reader.readIfPresent(
      SpecKey<String>(
        "onnx", "an ONNX model in place of `input` and `layers`, relative to the spec"))
    self.path = path ?? ""
    output = reader.readIfPresent(
      SpecKey("output", "the output of the ONNX model that has the logits, if it has several"))
    span = reader.span(of: "onnx")
  }
}

/// What a spec has from the file that its network comes from, beside the layers.
public struct AdoptedNetwork: Sendable {
  /// A file that was read.
  public struct File: Sendable, Hashable {
    /// Its path as it was read.
    public let path: String
    /// The SHA-256 digest of its bytes in hexadecimal digits.
    public let sha256: String

    /// A file with its digest.
    public init(path: String, sha256: String) { (self.path, self.sha256) = (path, sha256) }

    /// Its name without the folders above it.
    var name: Substring { path.split(separator: "/").last ?? "" }
  }

  /// The model, and the files beside it that have its weights.
  public let files: [File]
  /// Every parameter by its full name.
  public let weights: [String: HostTensor]

  /// What was read of files, at least one.
  public init(files: [File], weights: [String: HostTensor]) {
    (self.files, self.weights) = (files, weights)
  }

  /// The path of the model.
  public var path: String { files.first?.path ?? "" }

  /// Lines of a resolved spec that say where its layers come from, so that one of other weights is another spec.
  var remarks: [String] {
    files.map { "# The network comes from \(String($0.name).quoted), SHA-256 \($0.sha256)." }
  }
}
