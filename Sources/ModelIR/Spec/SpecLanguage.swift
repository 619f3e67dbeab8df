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
      self.path = path
      keys = ConfigReader.keys(of: read)
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
      Section("network") { _ = NetworkSpec(from: &$0, registry, blocks: []) },
      Section("train") { _ = TrainSpec(from: &$0, registry) },
      Section("train.adversarial") { _ = AdversarialSpec(from: &$0, registry) },
      Section("certify") { _ = CertifySpec(from: &$0, registry, data: nil) },
    ]
  }()

  /// The schedules by name, with their keys.
  public static let schedules = ScheduleSpec.kinds.names.map {
    (kind: $0, keys: ScheduleSpec.kinds[$0]?.keys ?? [])
  }

  /// The quantities that `require` compares.
  public static let quantities = RequirementSpec.quantities
}
