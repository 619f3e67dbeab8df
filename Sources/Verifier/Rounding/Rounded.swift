/// A number that a layer computes: an enclosure of what exact arithmetic would make of the
/// layer's inputs, and how far the executed number may be from that.
///
/// The float model and the rules are those of `docs/soundness.md`, §6.
struct Rounded {
  var low: Double
  var high: Double
  var error: Double
  /// No executed number is less, whatever the error: 0 for a square, since rounding is monotone.
  var lowerLimit = -Double.infinity
  /// The format of the execution.
  var format = FloatFormat.float32

  /// Bounds what underflow may take from a result and from its next reading.
  static let underflow = 0x1p-124
  /// The largest finite float32.
  static let largest = 0x1.fffffep127

  /// An error of a number of a given magnitude, with what underflow adds; ∞ where overflow is possible.
  @inline(__always)
  static func withUnderflow(_ raw: Double, _ magnitude: Double) -> Double {
    let error = (raw + underflow) * (1 + 0x1p-40)
    return magnitude + error < largest ? error : .infinity
  }

  /// The largest magnitude of an exact value.
  @inline(__always)
  var magnitude: Double { max(-low, high) }
  /// Encloses the executed number.
  var executed: (low: Double, high: Double) {
    (max((low - error).nextDown, lowerLimit), (high + error).nextUp)
  }

  private static func result(
    _ low: Double, _ high: Double, inherited: Double, _ format: FloatFormat
  ) -> Rounded {
    let size = max(-low, high)
    let raw = inherited + format.unit * (size + inherited)
    return Rounded(low: low, high: high, error: withUnderflow(raw, size), format: format)
  }

  static func + (a: Rounded, b: Rounded) -> Rounded {
    var sum = result(
      (a.low + b.low).nextDown, (a.high + b.high).nextUp, inherited: a.error + b.error,
      .coarser(a.format, b.format))
    if a.lowerLimit >= 0, b.lowerLimit >= 0 { sum.lowerLimit = 0 }
    return sum
  }

  static func * (a: Rounded, b: Rounded) -> Rounded {
    let corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
    let low = corners.dropFirst().reduce(corners[0]) { $0 < $1 ? $0 : $1 }
    let high = corners.dropFirst().reduce(corners[0]) { $0 > $1 ? $0 : $1 }
    let inherited = a.magnitude * b.error + b.magnitude * a.error + a.error * b.error
    return result(low.nextDown, high.nextUp, inherited: inherited, .coarser(a.format, b.format))
  }

  /// Times an exact float32 number; 1 rounds nothing.
  func scaled(_ factor: Double) -> Rounded {
    factor == 1 ? self : self * Rounded(exactly: factor, format)
  }

  /// Plus an exact float32 number.
  func plus(_ number: Double) -> Rounded {
    var sum = self + Rounded(exactly: number, format)
    if lowerLimit >= 0, number >= 0 { sum.lowerLimit = number }
    return sum
  }

  static func - (a: Rounded, b: Rounded) -> Rounded {
    a + Rounded(low: -b.high, high: -b.low, error: b.error, format: b.format)
  }

  /// A quotient by what is positive as executed; nothing is known of any other.
  static func / (a: Rounded, b: Rounded) -> Rounded {
    let divisor = b.executed.low
    let format = FloatFormat.coarser(a.format, b.format)
    guard divisor > 0, b.low > 0 else {
      return Rounded(low: -.infinity, high: .infinity, error: .infinity, format: format)
    }
    let low = (a.low / (a.low < 0 ? b.low : b.high)).nextDown
    let high = (a.high / (a.high > 0 ? b.low : b.high)).nextUp
    let inherited = (a.error + max(-low, high) * b.error) / divisor
    var quotient = result(low, high, inherited: inherited, format)
    if a.lowerLimit >= 0 { quotient.lowerLimit = 0 }
    return quotient
  }

  var squared: Rounded {
    let nearest = low > 0 ? low : high < 0 ? -high : 0
    var square = self * self
    square.low = max((nearest * nearest).nextDown, 0)
    square.lowerLimit = 0
    return square
  }

  /// The root of what is at lowerLimit 0: |√x̂ − √x| is at most √|x̂ − x| and, where x̂ and x are positive, at
  /// most |x̂ − x| by twice the lesser root.
  var squareRoot: Rounded {
    let ends = (
      low: max(low, 0).squareRoot().nextDown, high: max(high, 0).squareRoot().nextUp
    )
    let executed = self.executed
    guard executed.low >= 0 else {
      return Rounded(low: max(ends.low, 0), high: ends.high, error: .infinity, format: format)
    }
    let nearest = 2 * min(executed.low, max(low, 0)).squareRoot()
    let inherited = min(error.squareRoot(), nearest > 0 ? error / nearest : .infinity).nextUp
    var root = Self.result(max(ends.low, 0), ends.high, inherited: inherited, format)
    root.lowerLimit = 0
    return root
  }
}

extension Rounded {
  /// A number without an error.
  init(exactly number: Double, _ format: FloatFormat = .float32) {
    self.init(low: number, high: number, error: 0, format: format)
  }
}
