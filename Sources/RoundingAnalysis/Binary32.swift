import TensorGraph

/// The model of the arithmetic in which an engine executes a network: IEEE 754 binary32, round to
/// nearest.
///
/// Every operation that does not overflow satisfies fl(a ∘ b) = (a ∘ b)(1 + δ) + η with |δ| ≤ u and
/// |η| ≤ 2⁻¹²⁶. η covers gradual underflow, and also engines that read or write 0 instead of a subnormal
/// number.
enum Binary32 {
  /// u = 2⁻²⁴.
  static let unitRoundoff = 0x1p-24
  /// The smallest normal number.
  static let smallestNormal = 0x1p-126
  /// The largest finite number.
  static let largest = Double(Float.greatestFiniteMagnitude)
  /// Partial sums must stay below this number, so that none overflows.
  static let largestSum = 0x1p126
  /// Added to the error of every element, for the underflow of a result, the underflow when the result is
  /// read, and the absolute error of an elementary function near 0, each at most 2⁻¹²⁶.
  static let underflowError = 4 * smallestNormal

  /// γₙ = nu/(1 − nu), rounded up: the effect of n roundings in any order on a term of a sum (Higham
  /// 2002, Lemma 3.1); ∞ where nu ≥ 1/2.
  static func gamma(_ roundings: Int) -> Double {
    // Both nu and 1 − nu are exact: n has fewer than 53 bits.
    let scaled = Double(roundings) * unitRoundoff
    return scaled < 0.5 ? (scaled / (1 - scaled)).nextUp : .infinity
  }

  /// Bounds the error of a number that is stored in float32.
  static func storageError(_ exact: Double) -> Double {
    let stored = Double(Float(exact))
    // ∞ is its own successor.
    let error = stored == exact ? 0 : abs(stored - exact).nextUp
    return abs(stored) < smallestNormal ? error + abs(stored) : error
  }

  /// An error bound with the underflow error added, rounded up; ∞ if the executed element may not be
  /// finite or nothing is known.
  ///
  /// - Parameters:
  ///   - raw: computed by at most a hundred or so additions and products of non-negative numbers in
  ///     Double, whose rounding the factor covers.
  ///   - magnitude: the largest magnitude of the exact element.
  @inline(__always)
  static func finished(_ raw: Double, magnitude: Double) -> Double {
    let error = (raw + underflowError) * (1 + 0x1p-40)
    return magnitude + error < largest ? error : .infinity
  }

  /// The same for several lanes.
  @inline(__always)
  static func finished(_ raw: Lanes, magnitude: Lanes) -> Lanes {
    let error = (raw + underflowError) * (1 + 0x1p-40)
    return Lanes(repeating: .infinity).replacing(
      with: error, where: magnitude + error .< Lanes(repeating: largest))
  }

  /// Bounds the relative error of a function's result for its argument, in units of u, if the result is a normal
  /// number; for smaller results the absolute error is at most 2⁻¹²⁶.
  ///
  /// Certificates require this accuracy of an engine; `lmtc-bench functions` checks it for the embedded
  /// engine at every float32 number. Negation, magnitude and sign are exact, and the root is correctly
  /// rounded.
  static func accuracy(of function: Operation.Unary) -> Double {
    switch function {
    case .negate, .abs, .sign: 0
    case .sqrt: 1
    case .exp, .log, .log1p, .tanh, .logistic, .erf: 4
    }
  }
}
