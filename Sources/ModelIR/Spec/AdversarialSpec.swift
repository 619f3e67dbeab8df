import SpecSyntax

/// The section `train.adversarial`: training on samples that an attack has moved.
public struct AdversarialSpec: Sendable {
  /// The attack.
  public let attack: SpecEntry<any Attack>
  /// How far samples are moved at most, ℓ2 in input units.
  public let radius: Double
  /// The share of each batch that is attacked.
  public let share: Double

  /// Reads the keys; nil after a diagnostic.
  init?(from reader: inout ConfigReader, _ registry: Registry) {
    let attack = reader.entry("attack", "what moves the samples", from: registry.attacks)
    radius = reader.read(
      "radius", "how far samples are moved at most, ℓ2 in input units", .positive)
    share = reader.read(
      "share", default: 1, "the share of each batch that is attacked", .above(0, atMost: 1))
    guard let attack else { return nil }
    self.attack = attack
  }

  /// YAML that decodes to an equal section.
  public var specText: String {
    "{attack: \(attack.specText), radius: \(radius.specText), share: \(share.specText)}"
  }
}
