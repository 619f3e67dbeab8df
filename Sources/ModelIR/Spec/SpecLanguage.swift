import Diagnostics

/// The keys of the language outside the open sets, for the manual, the schema and `lmtc explain`.
///
/// The keys of layers, losses, optimizers and data formats stand with their kinds.
public enum SpecLanguage {
  /// A mapping of the language and its keys in the order of the manual.
  public struct Section: Sendable {
    /// The path of the mapping, `train.schedule`; empty for the spec itself.
    public let path: String
    /// Its keys.
    public let keys: [SpecKeyDescription]

    fileprivate init(_ path: String, _ read: (inout ConfigReader) -> Void) {
      self.init(path, keys: ConfigReader.keys(of: read))
    }

    fileprivate init(_ path: String, keys: [SpecKeyDescription]) {
      (self.path, self.keys) = (path, keys)
    }
  }

  /// Every section, in the order of the manual.
  public static let sections: [Section] = {
    let registry = Registry(layers: [])
    return [
      Section("") {
        _ = ModelSpec(
          from: &$0, file: SourceFile(path: "", text: ""), registry: registry, blocks: [])
      },
      Section("data") { _ = DataSpec(from: &$0, registry, trains: false) },
      Section(
        "network",
        keys: statedNetwork.map { $0.defaulting(to: "from the file under onnx") } + networkFile),
      Section("train") { _ = TrainSpec(from: &$0, registry) },
      Section("train.adversarial") { _ = AdversarialSpec(from: &$0, registry) },
      Section("certify") { _ = CertifySpec(from: &$0, registry, data: nil) },
    ]
  }()

  /// The keys of a section `network` that states its layers; all are required.
  public static let statedNetwork = ConfigReader.keys {
    _ = NetworkSpec(from: &$0, Registry(layers: []), blocks: [])
  }

  /// The keys of a section `network` that names a file, of which the first is required.
  public static let networkFile = ConfigReader.keys { _ = NetworkFile(from: &$0) }

  /// What `train.schedule` gives schedules to.
  public static let scheduled = Section("train.schedule") {
    _ = TrainSpec.schedules(from: &$0, nil)
  }

  /// The schedules by name, with their keys and the one that `kind: value` sets.
  public static let schedules = ScheduleSpec.kinds.names.map {
    (
      kind: $0, mainKey: ScheduleSpec.kinds[$0]?.mainKey, keys: ScheduleSpec.kinds[$0]?.keys ?? []
    )
  }

  /// The keys that every layer has beside its own.
  public static let layerKeys = [
    SpecKeyDescription(
      name: "name", typeName: "name", form: .text, defaultText: "<kind>_<n>", requirement: nil,
      summary: "the layer's name"),
    SpecKeyDescription(
      name: "from", typeName: "name or list of names",
      form: .either([.text, .list(of: .text, counts: 1...1000)]),
      defaultText: "the layer before", requirement: nil,
      summary: "the layers whose outputs are its inputs"),
  ]

  /// What holds lists of layers, with its keys and the one that `kind: value` sets.
  public static let structures: [(kind: String, mainKey: String?, keys: [SpecKeyDescription])] = [
    ("residual", "branch", ConfigReader.keys { _ = ResidualKeys(from: &$0) } + layerKeys),
    ("parallel", "branches", ConfigReader.keys { _ = ParallelKeys(from: &$0) } + layerKeys),
    ("repeat", nil, ConfigReader.keys(of: repetition)),
  ]

  /// The keys of `repeat`, which is expanded before layers are decoded.
  private static func repetition(_ reader: inout ConfigReader) {
    let _: Int = reader.read("times", "how often the layers are repeated", .natural)
    _ = reader.readIfPresent(
      SpecKey<String>("index", "the name of a constant that counts the rounds from 1"))
    _ = reader.requiredNode("layers", "list of layers", "the layers", form: .layers)
  }

  /// The quantities that `require` compares.
  public static let quantities = RequirementSpec.quantities
}
