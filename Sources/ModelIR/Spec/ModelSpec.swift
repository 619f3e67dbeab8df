import Diagnostics
import SpecSyntax

/// A spec as written, typed: every key read, every default filled in, nothing inferred yet.
public struct ModelSpec: Sendable {
  /// The version of the spec language that this reads.
  public static let version = 1

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
  /// What else the file has that the network comes from; nil where the spec states its layers.
  public private(set) var adopted: AdoptedNetwork?

  /// The same spec with what else the file of its network has.
  public func adopting(_ network: AdoptedNetwork?) -> ModelSpec {
    var spec = self
    spec.adopted = network
    return spec
  }

  /// Whether the network is trained as a critic.
  public var isCritic: Bool { train?.task == .critic }

  /// The same spec with another `train.seed`; itself if it does not train.
  public func seeded(_ seed: Int) -> ModelSpec {
    var spec = self
    spec.train?.seed = seed
    return spec
  }

  /// The same spec without the keys that a resumed run may change: `train.epochs` and `train.log`.
  public var withoutResumableKeys: ModelSpec {
    var spec = self
    spec.train?.epochs = 0
    spec.train?.logs = []
    return spec
  }
}

extension ModelSpec {
  /// The names that a block of layers must not take.
  public static func reservedKinds(_ registry: Registry) -> Set<String> {
    Set(registry.layers.names).union(registry.refusedLayers.keys)
      .union(LayerListDecoder.structures)
  }

  /// Decodes an expanded tree; nil after an error.
  ///
  /// - Parameters:
  ///   - file: where the tree comes from.
  ///   - registry: the kinds that a spec may name.
  public static func decode(
    _ spec: ElaboratedSpec, of file: SourceFile, registry: Registry,
    _ diagnostics: inout [Diagnostic]
  ) -> ModelSpec? {
    let root = spec.root
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
    let decoded = ModelSpec(
      from: &reader, file: file, registry: registry, blocks: spec.blocks)
    reader.finish()
    diagnostics += reader.diagnostics
    return decoded
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
    let required = reader.node(
      "require", "list of requirements", "what must hold", form: .list(of: .text))
    var lines = RequirementReader()
    let requirements = required.map { lines.read($0) } ?? []
    for diagnostic in lines.diagnostics { reader.report(diagnostic) }
    guard let network, let certify else { return nil }
    self.init(
      file: file, name: name, data: data, network: network, train: train, certify: certify,
      requirements: requirements)
  }
}
