/// Numbers of four samples.
typealias Lanes = SIMD4<Double>

extension SIMD4<Double> {
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
    let bits = unsafeBitCast(self, to: SIMD4<UInt64>.self) & 0x7FFF_FFFF_FFFF_FFFF
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
  let larger = b.replacing(with: a, where: a .> b)
  return larger.replacing(with: a, where: a .!= a)
}
