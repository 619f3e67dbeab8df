/// The vector of the engine's own loops: one or two machine registers, depending on the processor.
typealias Lanes = SIMD8<Float>
/// The bit patterns of ``Lanes``.
typealias LaneBits = SIMD8<UInt32>

/// An address of float32 elements.
typealias Elements = UnsafeMutablePointer<Float>

extension Lanes {
  /// Loads without regard to alignment.
  @inline(__always)
  static func load(_ address: Elements) -> Lanes {
    UnsafeRawPointer(address).loadUnaligned(as: Lanes.self)
  }

  /// Loads the first `count` elements, zeros beyond.
  @inline(__always)
  static func load(_ address: Elements, count: Int) -> Lanes {
    var lanes = Lanes(repeating: 0)
    for i in 0..<count { lanes[i] = address[i] }
    return lanes
  }

  /// Stores without regard to alignment.
  @inline(__always)
  func store(_ address: Elements) {
    UnsafeMutableRawPointer(address).storeBytes(of: self, as: Lanes.self)
  }

  /// Stores the first `count` elements.
  @inline(__always)
  func store(_ address: Elements, count: Int) {
    for i in 0..<count { address[i] = self[i] }
  }

  /// The bit patterns.
  @inline(__always)
  var bits: LaneBits { unsafeBitCast(self, to: LaneBits.self) }

  /// Lanes of given bit patterns.
  @inline(__always)
  init(bits: LaneBits) { self = unsafeBitCast(bits, to: Lanes.self) }

  /// `self` where the mask is set, else `other`: without a branch.
  @inline(__always)
  func selected(by mask: SIMDMask<SIMD8<Int32>>, else other: Lanes) -> Lanes {
    let mask = unsafeBitCast(mask, to: LaneBits.self)
    return Lanes(bits: (bits & mask) | (other.bits & ~mask))
  }

  /// The magnitude.
  @inline(__always)
  var magnitudes: Lanes { Lanes(bits: bits & LaneBits(repeating: 0x7FFF_FFFF)) }

  /// The magnitude of `self` with the sign of `other`.
  @inline(__always)
  func withSign(of other: Lanes) -> Lanes {
    let sign = LaneBits(repeating: 0x8000_0000)
    return Lanes(bits: (bits & ~sign) | (other.bits & sign))
  }

  /// Which lanes are NaN.
  @inline(__always)
  var isNaN: SIMDMask<SIMD8<Int32>> { self .!= self }

  /// The larger; NaN if either is.
  @inline(__always)
  static func larger(_ a: Lanes, _ b: Lanes) -> Lanes {
    a.selected(by: (a .> b) .| a.isNaN, else: b)
  }

  /// The smaller; NaN if either is.
  @inline(__always)
  static func smaller(_ a: Lanes, _ b: Lanes) -> Lanes {
    a.selected(by: (a .< b) .| a.isNaN, else: b)
  }

  /// 1 where the mask is set, else 0.
  @inline(__always)
  init(indicator mask: SIMDMask<SIMD8<Int32>>) {
    let one = Float(1).bitPattern
    self.init(bits: unsafeBitCast(mask, to: LaneBits.self) & LaneBits(repeating: one))
  }
}
