import Diagnostics
import SpecSyntax

/// The section `train.adversarial`: training on samples that an attack has moved.
public struct AdversarialSpec: Sendable {
  /// The attack.
  public let attack: SpecEntry<any Attack>
  /// How far samples are moved at most, ℓ2 in input units.
  public let radius: Double
  /// The share of each batch that is attacked.
  public let share: Double

  enum Keys {
    static let radius = SpecKey<Double>(
      "radius", "how far samples are moved at most, ℓ2 in input units", .positive)
    static let share = SpecKey<Double>(
      "share", default: 1, "the share of each batch that is attacked",
      .init("above 0 and at most 1") { $0 > 0 && $0 <= 1 })
  }

  /// The keys, in the order of the manual.
  public static let keys: [SpecKeyDescription] = [
    .structure("attack", "attack", "what moves the samples", isRequired: true),
    Keys.radius.description, Keys.share.description,
  ]

  /// YAML that decodes to an equal section.
  public var specText: String {
    "{attack: \(attack.specText), radius: \(radius.specText), share: \(share.specText)}"
  }
}

extension SpecDecoder {
  /// Reads `train.adversarial`; nil after a diagnostic.
  mutating func decodeAdversarial(_ node: YAMLNode) -> AdversarialSpec? {
    guard !node.isFaulty else { return nil }
    var reader = ConfigReader(kind: "adversarial", span: node.span, value: node, mainKey: nil)
    let attackNode = reader.node("attack")
    let radius = reader.read(AdversarialSpec.Keys.radius)
    let share = reader.read(AdversarialSpec.Keys.share)
    if attackNode == nil, node.mapping != nil {
      reader.report(
        .error(
          .spec, "missing-key", "'adversarial' needs the key 'attack', what moves the samples",
          at: node.span))
    }
    reader.finish()
    diagnostics += reader.diagnostics
    let attack = attackNode.flatMap { entry($0, registry.attackChoice) }
    guard let attack, let radius, let share, !reader.diagnostics.hasErrors else { return nil }
    return AdversarialSpec(attack: attack, radius: radius, share: share)
  }
}
