import Diagnostics
import SpecSyntax

/// The section `certify`.
public struct CertifySpec: Sendable {
  /// The radii at which accuracy is reported, in input units, as written.
  public let radii: [ExactNumber]

  enum Keys {
    static let radii = SpecKey<[ExactNumber]>(
      "radii", default: ["0.1", "0.3", "1"].compactMap { try? ExactNumber($0) },
      "the radii at which certified accuracy is reported, in input units",
      .init("between 1 and 100 numbers above 0") {
        (1...100).contains($0.count) && $0.allSatisfy { $0.lower > 0 }
      })
  }

  /// The keys, in the order of the manual.
  public static let keys: [SpecKeyDescription] = [
    Keys.radii.description,
    .structure(
      "attacks", "list of attacks", "attacks to run against the certificates", default: "[]"),
  ]

  /// The attacks there are.
  static let attacks = SpecDecoder.Choice<Never>(
    what: "attack", kinds: [], mainKey: { _ in nil }, make: { _, _ in nil })
}

extension SpecDecoder {
  /// Reads `certify`, or its defaults; nil after a diagnostic.
  mutating func decodeCertify(_ pair: YAMLNode.Pair?, _ start: Span) -> CertifySpec? {
    if pair?.value.isFaulty == true { return nil }
    var reader = ConfigReader(
      kind: "certify", span: pair?.key.span ?? start, value: pair?.value, mainKey: nil)
    let radii = reader.read(CertifySpec.Keys.radii)
    let attacks = reader.node("attacks")
    reader.finish()
    diagnostics += reader.diagnostics
    if let attacks, !attacks.isNull, !attacks.isFaulty { readAttacks(attacks) }
    return radii.map(CertifySpec.init)
  }

  private mutating func readAttacks(_ node: YAMLNode) {
    guard let nodes = node.sequence else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'attacks' must be a list, found \(node.typeName)", at: node.span)
      )
      return
    }
    for node in nodes.prefix(20) { _ = entry(node, CertifySpec.attacks) }
  }
}
