extension Lanes {
  /// The norm of each vector, rounded up; ∞ unless all numbers are finite.
  var norm: LaneVector {
    var sum = LaneVector()
    for i in 0..<count { sum += vectors[i] * vectors[i] }
    return sum.rootsOfSquares()
  }
}

/// Outward rounding of sixteen numbers at once.
///
/// The result of a few operations, each of which is off by at most half a unit in the last place, is moved by
/// eight of them: by 2⁻⁵⁰ of its magnitude, and by more than what underflow can take.
extension SIMD16<Double> {
  @inline(__always)
  var magnitude: Self { Self.largest(self, -self) }
  @inline(__always)
  var roundedUp: Self { self + magnitude * 0x1p-50 + 0x1p-1000 }
  @inline(__always)
  var roundedDown: Self { self - magnitude * 0x1p-50 - 0x1p-1000 }

  /// The larger numbers; where one is not a number, the second.
  @inline(__always)
  static func largest(_ a: Self, _ b: Self) -> Self { b.replacing(with: a, where: a .> b) }
  /// The smaller numbers; where one is not a number, the second.
  @inline(__always)
  static func least(_ a: Self, _ b: Self) -> Self { b.replacing(with: a, where: a .< b) }

  /// ``Rounded/withUnderflow(_:_:)`` of sixteen numbers.
  @inline(__always)
  static func withUnderflow(_ raw: Self, _ magnitude: Self) -> Self {
    let error = (raw + Rounded.underflow) * (1 + 0x1p-40)
    return Self(repeating: .infinity).replacing(
      with: error, where: magnitude + error .< Rounded.largest)
  }

  /// Upper bounds on roots of sums of far fewer than 2²⁴ squares; anything but a number becomes ∞.
  func rootsOfSquares() -> Self {
    let roots = ((self * (1 + 0x1p-27) + 0x1p-1000).squareRoot()).roundedUp
    return Self(repeating: .infinity).replacing(with: roots, where: roots .>= 0)
  }
}
