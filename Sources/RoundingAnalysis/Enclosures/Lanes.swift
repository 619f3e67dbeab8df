/// Numbers of two samples.
typealias Lanes = SIMD2<Double>

extension SIMD2<Double> {
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

  /// |x|.
  @inline(__always)
  var magnitude: Self {
    let bits = unsafeBitCast(self, to: SIMD2<UInt64>.self) & 0x7FFF_FFFF_FFFF_FFFF
    return unsafeBitCast(bits, to: Self.self)
  }

  /// `x` in the lanes where a < b, elsewhere `y`.
  @inline(__always)
  static func select(_ a: Self, isLessThan b: Self, _ x: Self, else y: Self) -> Self {
    select(unsafeBitCast(a .< b, to: SIMD2<UInt64>.self), x, else: y)
  }

  /// `x` in the lanes where a = b, elsewhere `y`.
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

/// At least the next larger number in every lane.
@inline(__always)
func above(_ x: Lanes) -> Lanes { x + (x.magnitude * 0x1p-52 + 0x1p-1000) }

/// At most the next smaller number in every lane.
@inline(__always)
func below(_ x: Lanes) -> Lanes { x - (x.magnitude * 0x1p-52 + 0x1p-1000) }

/// The larger numbers, or NaN if one of two is.
@inline(__always)
func maxOrNaN(_ a: Lanes, _ b: Lanes) -> Lanes {
  // Where b is NaN it is not less than a; where a is, it equals nothing.
  .select(a, equals: a, .select(b, isLessThan: a, a, else: b), else: a)
}

/// The smaller numbers, or NaN if one of two is.
@inline(__always)
func minOrNaN(_ a: Lanes, _ b: Lanes) -> Lanes {
  .select(a, equals: a, .select(a, isLessThan: b, a, else: b), else: a)
}
