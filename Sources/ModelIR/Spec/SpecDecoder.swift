import Diagnostics
import SpecSyntax

/// Decodes a written-out tree; its extensions hold a section each.
struct SpecDecoder {
  let file: SourceFile
  let registry: Registry
  /// Names of blocks, for messages.
  let blocks: [String]
  var diagnostics: [Diagnostic] = []

  private enum Keys {
    static let lmt = SpecKey<Int>("lmt", "the version of the spec language")
    static let name = SpecKey<String>("name", "the name of the spec and of its run folder")
  }

  init(file: SourceFile, registry: Registry, blocks: [String] = []) {
    self.file = file
    self.registry = registry
    self.blocks = blocks
  }

  /// The keys of a spec itself, in the order of the manual.
  static let keys: [SpecKeyDescription] = [
    Keys.lmt.description, Keys.name.description,
    .structure("let", "mapping", "constants, used as `${name}`"),
    .structure("define", "mapping", "blocks of layers with parameters"),
    .structure("data", "mapping", "the labelled data"),
    .structure("network", "mapping", "the network", isRequired: true),
    .structure("train", "mapping", "how to train"),
    .structure("certify", "mapping", "what to certify"),
    .structure("require", "list of requirements", "what must hold"),
  ]

  /// The spec, or nil after an error.
  mutating func decode(_ root: YAMLNode) -> ModelSpec? {
    let start = Span(file, root.span.lower, root.span.lower)
    guard root.mapping != nil else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "a spec is a mapping of keys, found \(root.typeName)", at: start,
          help: "begin with 'lmt: 1', 'name: …' and 'network: …'"))
      return nil
    }
    var reader = ConfigReader(kind: "spec", span: start, value: root, mainKey: nil)
    checkVersion(&reader)
    let name = reader.read(Keys.name)
    if let name, let node = root["name"] { checkName(name, node, "a spec's name") }
    for key in Self.keys { _ = reader.node(key.name) }
    reader.finish()
    diagnostics += reader.diagnostics

    let network = decodeNetwork(section(root, "network"), start)
    let data = section(root, "data").flatMap { decodeData($0, trains: root["train"] != nil) }
    let train = section(root, "train").flatMap { decodeTrain($0) }
    let certify = decodeCertify(section(root, "certify"), data, start)
    let requirements = root["require"].map { decodeRequirements($0) } ?? []
    guard !diagnostics.hasErrors, let name, let network, let certify else { return nil }
    return ModelSpec(
      file: file, name: name, data: data, network: network, train: train, certify: certify,
      requirements: requirements)
  }

  private func section(_ root: YAMLNode, _ name: String) -> YAMLNode.Pair? {
    root.mapping?.first { $0.key.scalar == name }
  }

  private func checkVersion(_ reader: inout ConfigReader) {
    guard let version = reader.read(Keys.lmt), version != ModelSpec.version else { return }
    let span = reader.node("lmt")?.span ?? reader.span
    reader.report(
      .error(
        .spec, "version",
        "this lmtc reads version \(ModelSpec.version) of the spec language, found \(version)",
        at: span))
  }

  /// Reports a name that would not do as the name of a file or a tensor.
  mutating func checkName(_ name: String, _ node: YAMLNode, _ what: String) {
    guard !SpecName.isValid(name) else { return }
    diagnostics.append(
      .error(
        .spec, "name", "\(what) is \(SpecName.rule), found \(name.quoted)", at: node.span,
        help: SpecName.mended(name).map { "write '\($0)'" }))
  }
}

/// The rule for names of specs and layers, which become names of folders and tensors.
enum SpecName {
  static let rule = "1 to 64 letters, digits, '_' and '-', a letter or digit first"

  static func isValid(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
    return isWord(first) && name.utf8.allSatisfy { isWord($0) || $0 == 0x5F || $0 == 0x2D }
  }

  /// The name with every other character replaced, if that is a name.
  static func mended(_ name: String) -> String? {
    let mended = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "-" })
    return isValid(mended) ? mended : nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
  }
}

extension SpecKeyDescription {
  /// A key with a structure of its own.
  static func structure(
    _ name: String, _ typeName: String, _ summary: String, default text: String? = "none",
    isRequired: Bool = false
  ) -> SpecKeyDescription {
    SpecKeyDescription(
      name: name, typeName: typeName, defaultText: isRequired ? nil : text, requirement: nil,
      summary: summary)
  }
}
