import Diagnostics
import Digest
import ModelIR
import ONNX
import SpecSyntax

/// Reads a file by its path from where the program runs; throws ``Failure``.
///
/// The second argument says whether the spec names the file, or only a file beside it does.
public typealias FileReader = (_ path: String, _ isNamed: Bool) throws(Failure) -> [UInt8]

/// The stage that puts the network of a file in the place of `network: {onnx: FILE}`.
///
/// What follows sees the layers that `lmtc import` would have written. All of them stand where the spec names the
/// file, and so do the faults of the file.
struct NetworkAdoption {
  private let spec: SourceFile
  private let file: NetworkFile
  private let read: FileReader
  private var files: [AdoptedNetwork.File] = []
  private(set) var diagnostics: [Diagnostic] = []

  init(of file: NetworkFile, in spec: SourceFile, reading read: @escaping FileReader) {
    (self.file, self.spec, self.read) = (file, spec, read)
  }

  /// The section `network` and what else the file has; nil after a diagnostic.
  mutating func network() -> (section: YAMLNode, rest: AdoptedNetwork)? {
    do throws(Failure) {
      let imported = try imported()
      diagnostics += imported.remarks.map { .warning(.weights, "onnx-remark", $0, at: file.span) }
      let weights = imported.weights
      for (name, tensor) in weights where !tensor.elements.allSatisfy(\.isFinite) {
        throw Failure(
          .error(.weights, "not-finite", "'\(name)' must be finite in float32", at: file.span))
      }
      let rest = AdoptedNetwork(
        files: files, weights: .init(uniqueKeysWithValues: weights.map { ($0.key, $0.value) }))
      return section(imported).map { ($0, rest) }
    } catch {
      diagnostics += error.diagnostics.map(placed)
      return nil
    }
  }

  private mutating func imported() throws(Failure) -> ImportedNetwork {
    let path = spec.resolve(file.path)
    let bytes = try read(path, true)
    files.append(AdoptedNetwork.File(path: path, sha256: SHA256.hexadecimalDigest(of: bytes)))
    var others: [AdoptedNetwork.File] = []
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    let network = try ImportedNetwork.read(bytes, path: path, output: file.output) {
      [read] name throws(Failure) in
      let bytes = try read(folder + name, false)
      others.append(
        AdoptedNetwork.File(path: folder + name, sha256: SHA256.hexadecimalDigest(of: bytes)))
      return bytes
    }
    files += others
    return network
  }

  private mutating func section(_ network: ImportedNetwork) -> YAMLNode? {
    var found: [Diagnostic] = []
    let tree = parseYAML(SourceFile(path: file.path, text: network.section), &found)
    diagnostics += found.map(placed)
    return found.hasErrors ? nil : tree?["network"]?.moved(to: file.span)
  }

  /// A fault of the file, at its name in the spec.
  private func placed(_ diagnostic: Diagnostic) -> Diagnostic {
    var diagnostic = diagnostic
    diagnostic.location = .span(file.span)
    return diagnostic
  }
}

extension Pipeline {
  /// Replaces `network: {onnx: FILE}` by the network of the file; the spec itself where it states its layers.
  ///
  /// After a fault the section is marked as reported, so that the rest can be checked.
  static func adopt(
    _ spec: ElaboratedSpec, of source: SourceFile, reading read: @escaping FileReader,
    _ diagnostics: inout [Diagnostic]
  ) -> (spec: ElaboratedSpec, network: AdoptedNetwork?) {
    guard var section = spec.root["network"], section["onnx"] != nil else { return (spec, nil) }
    section.isFaulty = true
    guard let file = NetworkFile.read(spec.root["network"] ?? section, &diagnostics) else {
      return (spec.replacing(network: section), nil)
    }
    var adoption = NetworkAdoption(of: file, in: source, reading: read)
    let found = adoption.network()
    diagnostics += adoption.diagnostics
    return (spec.replacing(network: found?.section ?? section), found?.rest)
  }

  /// Refuses every file.
  public static func noFiles(_ path: String, _ isNamed: Bool) throws(Failure) -> [UInt8] {
    throw Failure(
      Diagnostic(
        .init(.file, "missing"), "there is no file \(path.quoted)",
        at: .file(path: path, offset: nil)))
  }
}
