/// Numbers of two samples.
typealias Lanes = SIMD2<Double>

/// A number, or numbers of several lanes, so that a rule is written once for both.
protocol LaneNumber {
  init(repeating number: Double)
  /// |x|.
  var magnitude: Self { get }
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  /// `x` in the lanes where a < b, elsewhere `y`.
  static func select(_ a: Self, isLessThan b: Self, _ x: Self, else y: Self) -> Self
  /// `x` in the lanes where a = b, elsewhere `y`.
  static func select(_ a: Self, equals b: Self, _ x: Self, else y: Self) -> Self
}

extension Double: LaneNumber {
  @inline(__always)
  init(repeating number: Double) { self = number }

  @inline(__always)
  static func select(_ a: Self, isLessThan b: Self, _ x: Self, else y: Self) -> Self {
    a < b ? x : y
  }

  @inline(__always)
  static func select(_ a: Self, equals b: Self, _ x: Self, else y: Self) -> Self {
    a == b ? x : y
  }
}

extension SIMD2<Double>: LaneNumber {
  /// The numbers from an address on.
  @inline(__always)
  init(at address: UnsafePointer<Double>) {
    self = UnsafeRawPointer(address).loadUnaligned(as: Self.self)
  }

  /// Stores the numbers from an address on.
  @inline(__always)
  func store(to address: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(address).storeBytes(of: self, as: Self.self)
  }

  @inline(__always)
  var magnitude: Self {
    let bits = unsafeBitCast(self, to: SIMD2<UInt64>.self) & 0x7FFF_FFFF_FFFF_FFFF
    return unsafeBitCast(bits, to: Self.self)
  }

  @inline(__always)
  static func select(_ a: Self, isLessThan b: Self, _ x: Self, else y: Self) -> Self {
    select(unsafeBitCast(a .< b, to: SIMD2<UInt64>.self), x, else: y)
  }

  @inline(__always)
  static func select(_ a: Self, equals b: Self, _ x: Self, else y: Self) -> Self {
    select(unsafeBitCast(a .== b, to: SIMD2<UInt64>.self), x, else: y)
  }

  /// A mask has all bits of a lane set or none.
  @inline(__always)
  private static func select(_ mask: SIMD2<UInt64>, _ x: Self, else y: Self) -> Self {
    let bits =
      (unsafeBitCast(x, to: SIMD2<UInt64>.self) & mask)
      | (unsafeBitCast(y, to: SIMD2<UInt64>.self) & ~mask)
    return unsafeBitCast(bits, to: Self.self)
  }
}

/// At least the next larger number.
///
/// Without branches, so that loops become vector instructions: 2u|x| + 2⁻¹⁰⁰⁰ is at least the distance to
/// the next number, and the rounded sum is not below that number (Rump, Zimmermann, Boldo, Melquiond
/// 2009, "Computing predecessor and successor in rounding to nearest"). ∞ and NaN become ∞ or NaN.
@inline(__always)
func above<Number: LaneNumber>(_ x: Number) -> Number {
  x + (x.magnitude * Number(repeating: 0x1p-52) + Number(repeating: 0x1p-1000))
}

/// At most the next smaller number; ∞ and NaN become −∞ or NaN.
@inline(__always)
func below<Number: LaneNumber>(_ x: Number) -> Number {
  x - (x.magnitude * Number(repeating: 0x1p-52) + Number(repeating: 0x1p-1000))
}

/// The larger number, or NaN if one of them is; `max` may ignore NaN.
@inline(__always)
func maxOrNaN<Number: LaneNumber>(_ a: Number, _ b: Number) -> Number {
  // Where b is NaN it is not less than a; where a is, it equals nothing.
  .select(a, equals: a, .select(b, isLessThan: a, a, else: b), else: a)
}

/// The smaller number, or NaN if one of them is.
@inline(__always)
func minOrNaN<Number: LaneNumber>(_ a: Number, _ b: Number) -> Number {
  .select(a, equals: a, .select(a, isLessThan: b, a, else: b), else: a)
}
