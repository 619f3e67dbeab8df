/// The keys of the language outside the open sets, for the manual, the schema and `lmtc explain`.
///
/// The keys of layers, losses, optimisers and data formats stand with their kinds.
public enum SpecLanguage {
  /// A mapping of the language and its keys in the order of the manual.
  public struct Section: Sendable {
    /// The path of the mapping, `train.schedule`; empty for the spec itself.
    public let path: String
    /// Its keys.
    public let keys: [SpecKeyDescription]
  }

  /// Every section, in the order of the manual.
  public static let sections: [Section] = [
    Section(path: "", keys: SpecDecoder.keys),
    Section(path: "data", keys: DataSpec.keys),
    Section(path: "network", keys: NetworkSpec.keys),
    Section(path: "train", keys: TrainSpec.keys),
    Section(path: "train.adversarial", keys: AdversarialSpec.keys),
    Section(path: "certify", keys: CertifySpec.keys),
  ]

  /// The schedules by name, with their keys.
  public static let schedules = ScheduleSpec.kinds.map {
    (kind: $0, keys: ScheduleSpec.keys(of: $0))
  }

  /// The quantities that `require` compares.
  public static let quantities = RequirementSpec.quantities
}
