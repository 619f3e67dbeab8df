import TensorGraph

/// The model of the arithmetic in which a network is executed: an IEEE 754 binary format, round to nearest.
///
/// Every operation that does not overflow satisfies fl(a ∘ b) = (a ∘ b)(1 + δ) + η with |δ| ≤ u and
/// |η| ≤ 2⁻¹²⁶. In float32 η covers gradual underflow, and also engines that read or write 0 instead of a
/// subnormal number. The range of float32 is assumed of every format: what float64 has beyond it makes
/// errors smaller, and the analysis keeps away from the ends of Double, in which it computes itself.
public struct ExecutedFormat: Sendable, Hashable {
  /// u.
  let unitRoundoff: Double
  /// Bounds the relative error of exp, log, log1p, tanh, the logistic function and erf, in units of u,
  /// for results of at least ``smallestNormal``; for smaller results the absolute error is at most that.
  let functionAccuracy: Double

  /// float32.
  ///
  /// `lmtc-bench functions` checks the accuracy of the engine's functions at every number.
  public static let binary32 = ExecutedFormat(unitRoundoff: 0x1p-24, functionAccuracy: 4)

  /// float64, with functions that are accurate to 4 units in the last place.
  public static let binary64 = ExecutedFormat(unitRoundoff: 0x1p-53, functionAccuracy: 8)

  /// The format for operations whose roundings have been counted elsewhere: they only may underflow or overflow.
  var withoutRounding: ExecutedFormat {
    ExecutedFormat(unitRoundoff: 0, functionAccuracy: functionAccuracy)
  }

  /// The smallest normal number of float32.
  let smallestNormal = 0x1p-126
  /// The largest finite number of float32.
  let largest = Double(Float.greatestFiniteMagnitude)
  /// Partial sums must stay below this number, so that none overflows.
  let largestSum = 0x1p126

  /// Added to the error of every element, for the underflow of a result, the underflow when the result is
  /// read, and the absolute error of an elementary function near 0, each at most 2⁻¹²⁶.
  var underflowError: Double { 0x1p-124 }

  /// γₙ = nu/(1 − nu), rounded up: the effect of n roundings in any order on a term of a sum (Higham
  /// 2002, Lemma 3.1); ∞ where nu ≥ 1/2.
  func gamma(_ roundings: Int) -> Double {
    // Both nu and 1 − nu are exact: they are multiples of u ≥ 2⁻⁵³ of at most 1.
    let scaled = Double(roundings) * unitRoundoff
    return scaled < 0.5 ? (scaled / (1 - scaled)).nextUp : .infinity
  }

  /// Bounds the error of a number that is stored in this format.
  func storageError(_ exact: Double) -> Double {
    let stored = self == .binary32 ? Double(Float(exact)) : exact
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
  func finished(_ raw: Lanes, magnitude: Lanes) -> Lanes {
    let error = (raw + underflowError) * (1 + 0x1p-40)
    return .select(
      magnitude + error, isLessThan: Lanes(repeating: largest), error,
      else: Lanes(repeating: .infinity))
  }

  /// The same for one number.
  @inline(__always)
  func finished(_ raw: Double, magnitude: Double) -> Double {
    finished(Lanes(repeating: raw), magnitude: Lanes(repeating: magnitude))[0]
  }

  /// Bounds the relative error of a function's executed result for its argument, in units of u.
  ///
  /// Negation, magnitude and sign are exact, and so is the rounding of a float32 number to bfloat16. The root is
  /// correctly rounded.
  func accuracy(of function: Operation.Unary) -> Double {
    switch function {
    case .negate, .abs, .sign, .bfloat16: 0
    case .sqrt: 1
    case .exp, .log, .log1p, .tanh, .logistic, .erf: functionAccuracy
    }
  }
}
