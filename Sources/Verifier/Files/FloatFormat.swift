/// The format of the execution that a certificate is about, and what rounding does in it.
///
/// The model is that of `docs/soundness.md`, §6. What underflow and overflow may do is float32's in both.
enum FloatFormat: String, CaseIterable, Sendable {
  case float32, float64

  /// u, the largest relative error of an operation.
  @inline(__always)
  var unit: Double {
    switch self {
    case .float32: 0x1p-24
    case .float64: 0x1p-53
    }
  }

  /// The largest relative error of an elementary function: 4u, or 4 units in the last place, which are 8u.
  var functionError: Double {
    switch self {
    case .float32: 4 * unit
    case .float64: 8 * unit
    }
  }

  /// γₙ = nu/(1 − nu), rounded up.
  func gamma(_ count: Int) -> Double {
    count < 1 << 23 ? (Double(count) * unit / (1 - Double(count) * unit)).nextUp : .infinity
  }

  /// The format with the larger errors.
  @inline(__always)
  static func coarser(_ a: FloatFormat, _ b: FloatFormat) -> FloatFormat {
    a == .float32 ? a : b
  }
}

extension FloatFormat {
  /// The format that a certificate says, which must be the spec's; neither says float32.
  init(_ certificate: Entry, spec: Entry) throws(Refusal) {
    let claim = try certificate.optional("precision")
    let stated = try spec.optional("certify")?.optional("precision")
    self = try claim.map(Self.read) ?? .float32
    let expected = try stated.map(Self.read) ?? .float32
    guard self == expected else {
      throw (claim ?? certificate).refuted(
        "precision: the spec's is '\(expected.rawValue)', the certificate's '\(rawValue)'")
    }
  }

  private static func read(_ entry: Entry) throws(Refusal) -> FloatFormat {
    guard let format = FloatFormat(rawValue: try entry.string) else {
      let words = allCases.map { "'\($0.rawValue)'" }.joined(separator: " or ")
      throw entry.malformed("expected \(words), found '\(try entry.string)'")
    }
    return format
  }
}
