import SpecSyntax

/// The section `certify`.
public struct CertifySpec: Sendable {
  /// The radii at which accuracy is reported, in input units, as written.
  public let radii: [ExactNumber]
  /// The format of the execution that certificates are about.
  public let precision: Precision
  /// How long better constants are looked for.
  public let effort: BoundEffort
  /// The attacks to run, in order.
  public let attacks: [SpecEntry<any Attack>]
  /// The inputs that attacks stay among.
  public let box: BoxValue
  /// Gradients taken for each logit difference of a point to sample its Lipschitz constants; 0 for no
  /// tightness chain.
  public let lipschitzSamples: Int

  private static let boxKey = SpecKey<BoxValue>(
    "box", "the inputs that attacks stay among, in input units",
    .other(.init("two numbers in ascending order") { $0.isOrdered }))

  /// Reads the keys; the data's format gives the box where none is written.
  init(from reader: inout ConfigReader, _ registry: Registry, data: DataSpec?) {
    radii = reader.read(
      "radii", default: ["0.1", "0.3", "1"].compactMap { try? ExactNumber($0) },
      "the radii at which certified accuracy is reported, in input units",
      .init("1 to 100 numbers above 0") {
        (1...100).contains($0.count) && $0.allSatisfy { $0.lower > 0 }
      })
    precision = reader.read(
      "precision", default: Precision.float32,
      "the format of the execution that certificates are about; the weights are float32 in both")
    effort = reader.read(
      "effort", default: BoundEffort.standard,
      "how long better constants of the network and of pairs of logits are looked for")
    attacks = reader.entries(
      "attacks", "attacks to run against the certificates", from: registry.attacks)
    let box = reader.readIfPresent(
      Self.boxKey, otherwise: "the format's own range × scale, `none` if it has none")
    self.box = box ?? data?.storedBox ?? .word(.none)
    lipschitzSamples = reader.read(
      "lipschitz_samples", default: 10,
      "gradients of each logit difference of a point in the tightness chain; 0 for no chain",
      .range(0...100_000))
  }
}

extension DataSpec {
  /// The format's own range in input units; nil where it has none.
  fileprivate var storedBox: BoxValue? {
    guard let range = format.value.storedRange,
      let low = ExactNumber(decimal: range.lowerBound)?.times(scale),
      let high = ExactNumber(decimal: range.upperBound)?.times(scale)
    else { return nil }
    return .other(InputRange(low: low, high: high))
  }
}

extension ExactNumber {
  /// The product, written as an integer where it is one.
  fileprivate func times(_ other: ExactNumber) -> ExactNumber? {
    guard let product = try? ExactNumber("(\(text))*(\(other.text))") else { return nil }
    return product.integer.map { ExactNumber($0) } ?? product
  }
}
