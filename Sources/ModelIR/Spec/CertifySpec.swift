import Diagnostics
import SpecSyntax

/// The section `certify`.
public struct CertifySpec: Sendable {
  /// The radii at which accuracy is reported, in input units, as written.
  public let radii: [ExactNumber]
  /// The attacks to run, in order.
  public let attacks: [SpecEntry<any Attack>]
  /// The inputs that attacks stay among.
  public let box: BoxValue
  /// Gradients taken for each logit difference of a point to sample its Lipschitz constants; 0 for no
  /// tightness chain.
  public let lipschitzSamples: Int

  enum Keys {
    static let radii = SpecKey<[ExactNumber]>(
      "radii", default: ["0.1", "0.3", "1"].compactMap { try? ExactNumber($0) },
      "the radii at which certified accuracy is reported, in input units",
      .init("between 1 and 100 numbers above 0") {
        (1...100).contains($0.count) && $0.allSatisfy { $0.lower > 0 }
      })
    static let box = SpecKey<BoxValue>(
      "box", default: .none, "the inputs that attacks stay among, in input units",
      .init("two numbers in ascending order") { $0.isOrdered })
    static let lipschitzSamples = SpecKey<Int>(
      "lipschitz_samples", default: 10,
      "gradients of each logit difference of a point in the tightness chain; 0 for no chain",
      .init("at least 0 and at most 100000") { (0...100_000).contains($0) })
  }

  /// The keys, in the order of the manual.
  public static let keys: [SpecKeyDescription] = [
    Keys.radii.description,
    .structure(
      "attacks", "list of attacks", "attacks to run against the certificates", default: "[]"),
    .structure(
      "box", BoxValue.typeName, Keys.box.summary,
      default: "the format's own range × scale, `none` where it has none"),
    Keys.lipschitzSamples.description,
  ]

  /// No more attacks are read.
  static let maximumAttacks = 20
}

extension SpecDecoder {
  /// Reads `certify`, or its defaults; nil after a diagnostic.
  mutating func decodeCertify(
    _ pair: YAMLNode.Pair?, _ data: DataSpec?, _ start: Span
  ) -> CertifySpec? {
    if pair?.value.isFaulty == true { return nil }
    var reader = ConfigReader(
      kind: "certify", span: pair?.key.span ?? start, value: pair?.value, mainKey: nil)
    let radii = reader.read(CertifySpec.Keys.radii)
    let node = reader.node("attacks")
    let hasBox = reader.node("box") != nil
    let box = hasBox ? reader.read(CertifySpec.Keys.box) : data?.storedBox ?? BoxValue.none
    let samples = reader.read(CertifySpec.Keys.lipschitzSamples)
    reader.finish()
    diagnostics += reader.diagnostics
    let attacks = node.flatMap { $0.isNull || $0.isFaulty ? nil : readAttacks($0) } ?? []
    guard let radii, let box, let samples else { return nil }
    return CertifySpec(radii: radii, attacks: attacks, box: box, lipschitzSamples: samples)
  }

  private mutating func readAttacks(_ node: YAMLNode) -> [SpecEntry<any Attack>] {
    guard let nodes = node.sequence else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'attacks' must be a list, found \(node.typeName)", at: node.span)
      )
      return []
    }
    if nodes.count > CertifySpec.maximumAttacks {
      diagnostics.append(
        .error(
          .spec, "out-of-range",
          "'attacks' must have at most \(CertifySpec.maximumAttacks) entries, found \(nodes.count)",
          at: node.span))
      return []
    }
    return nodes.compactMap { entry($0, registry.attackChoice) }
  }
}

extension DataSpec {
  /// The format's own range in input units; nil where it has none.
  var storedBox: BoxValue? {
    guard let range = format.value.storedRange,
      let low = ExactNumber(decimal: range.lowerBound)?.times(scale),
      let high = ExactNumber(decimal: range.upperBound)?.times(scale)
    else { return nil }
    return .range(low, high)
  }
}

extension ExactNumber {
  /// The product, written as an integer where it is one.
  fileprivate func times(_ other: ExactNumber) -> ExactNumber? {
    guard let product = try? ExactNumber("(\(text))*(\(other.text))") else { return nil }
    return product.integer.map { ExactNumber($0) } ?? product
  }
}
