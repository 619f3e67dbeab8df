import Diagnostics
import SpecSyntax

/// A spec as written, typed: every key read, every default filled in, nothing inferred yet.
public struct ModelSpec: Sendable {
  /// The version of the spec language that this reads.
  public static let version = 1

  /// The limit of diagnostics of one run; beyond it, warnings are dropped first.
  fileprivate static let maximumDiagnostics = 200

  /// The file it came from.
  public let file: SourceFile
  /// The name, also that of the run folder: letters, digits, `_` and `-`.
  public let name: String
  /// The data, if given.
  public let data: DataSpec?
  /// The network.
  public let network: NetworkSpec
  /// How to train, if given.
  public private(set) var train: TrainSpec?
  /// What to certify; defaults where the key is left out.
  public let certify: CertifySpec
  /// What must hold.
  public let requirements: [RequirementSpec]

  /// Reads a spec: parse, override, expand, decode.
  ///
  /// - Parameters:
  ///   - file: the source, any bytes.
  ///   - overrides: arguments of `--set`, `path.to.key=value`, applied in order before checking.
  ///   - registry: the kinds a spec may name.
  ///   - diagnostics: receives every independent fault, in the order of the file.
  /// - Returns: the spec, or nil after an error. Warnings do not prevent one.
  ///
  /// Cost: linear in the expanded spec, which ``YAMLLimits`` bounds.
  public static func read(
    _ file: SourceFile, overrides: [String] = [], registry: Registry,
    _ diagnostics: inout [Diagnostic]
  ) -> ModelSpec? {
    var found: [Diagnostic] = []
    defer { diagnostics += found.inOrder.prefix(Self.maximumDiagnostics) }
    let changes = overrides.compactMap { SpecOverride($0, &found) }
    guard let tree = parseYAML(file, &found) else { return nil }
    let kinds = Set(registry.layers.names).union(registry.refusedLayers.keys)
      .union(LayerListDecoder.structures)
    guard let spec = elaborate(tree, overrides: changes, kinds: kinds, &found) else { return nil }
    let result = decode(spec.root, file, registry: registry, blocks: spec.blocks, &found)
    return found.hasErrors ? nil : result
  }

  /// The same spec with another `train.seed`; itself if it does not train.
  public func seeded(_ seed: Int) -> ModelSpec {
    var spec = self
    spec.train?.seed = seed
    return spec
  }

  /// Shape inference over the network; nil after a `shape.…` diagnostic.
  public func infer(_ diagnostics: inout [Diagnostic]) -> Model? {
    Model.infer(
      name: name, inputShape: network.inputShape, inputSpan: network.inputSpan,
      layers: network.layers, &diagnostics)
  }
}

extension ModelSpec {
  /// Decodes an expanded tree.
  private static func decode(
    _ root: YAMLNode, _ file: SourceFile, registry: Registry, blocks: [String],
    _ diagnostics: inout [Diagnostic]
  ) -> ModelSpec? {
    let start = Span(file, root.span.lower, root.span.lower)
    guard root.mapping != nil else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "a spec must be a mapping of keys, found \(root.typeName)",
          at: start,
          help: "begin with 'lmt: 1', 'name: …' and 'network: …'"))
      return nil
    }
    var reader = ConfigReader(kind: "spec", span: start, value: root)
    let spec = ModelSpec(from: &reader, file: file, registry: registry, blocks: blocks)
    reader.finish()
    diagnostics += reader.diagnostics
    return spec
  }

  /// Reads the keys; nil after a diagnostic.
  ///
  /// - Parameter blocks: the names of blocks, for messages.
  init?(
    from reader: inout ConfigReader, file: SourceFile, registry: Registry, blocks: [String]
  ) {
    let version: Int = reader.read("lmt", "the version of the spec language")
    reader.require(
      version == Self.version, "version",
      "this lmtc reads version \(Self.version) of the spec language, found \(version)", at: "lmt")
    let name: String = reader.read("name", "the name of the spec and of its run folder")
    if !name.isEmpty, !SpecName.isValid(name) {
      reader.report(
        .error(
          .spec, "name", "a spec's name must be \(SpecName.rule), found \(name.quoted)",
          at: reader.span(of: "name"), help: SpecName.mended(name).map { "write '\($0)'" }))
    }
    // These two are expanded earlier.
    _ = reader.node("let", "mapping", "constants, used as `${name}`")
    _ = reader.node("define", "mapping", "blocks of layers with parameters")
    let trains = reader.node("train") != nil
    let data = reader.section("data", "the labeled data") {
      DataSpec(from: &$0, registry, trains: trains)
    }
    let network = reader.requiredSection(
      "network", "the layers and the shape of their input",
      help: "write 'network: {input: […], layers: […]}'"
    ) { NetworkSpec(from: &$0, registry, blocks: blocks) }
    let train = reader.section("train", "how to train") { TrainSpec(from: &$0, registry) }
    let certified = reader.node("certify", "mapping", "what to certify")
    let certify = reader.nested("certify", certified, at: reader.keySpan(of: "certify")) {
      CertifySpec(from: &$0, registry, data: data)
    }
    let required = reader.node("require", "list of requirements", "what must hold")
    var lines = RequirementReader()
    let requirements = required.map { lines.read($0) } ?? []
    for diagnostic in lines.diagnostics { reader.report(diagnostic) }
    guard let network, let certify else { return nil }
    self.init(
      file: file, name: name, data: data, network: network, train: train, certify: certify,
      requirements: requirements)
  }
}

extension [Diagnostic] {
  /// By place, those from the command line first; a fault that several copies of a block share
  /// is kept once.
  fileprivate var inOrder: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    var unique = filter { seen.insert($0).inserted }
    // If there are too many to show, warnings must not replace errors.
    if unique.count > ModelSpec.maximumDiagnostics, unique.hasErrors {
      unique.removeAll { $0.severity == .warning }
    }
    let keyed = unique.enumerated().map { index, diagnostic -> (Int, Int, Diagnostic) in
      guard case .span(let span) = diagnostic.location, diagnostic.id.area != .usage else {
        return (-1, index, diagnostic)
      }
      return (span.lower, index, diagnostic)
    }
    return keyed.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }
}
