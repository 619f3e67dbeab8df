/// exp, log and functions derived from them, in float32 without tables or branches.
///
/// The polynomials are the minimax fits of the Cephes library (Moshier 1989); each function is
/// within 2.5 ulp of the true value and exact in its limits at ±∞, ±0 and NaN.
extension Lanes {
  /// eˣ, subnormal results included.
  @inline(__always)
  var exponential: Lanes {
    let x = clamped(lowerBound: Lanes(repeating: -104), upperBound: Lanes(repeating: 89))
    let magic = Lanes(repeating: 12_582_912)  // 1.5 · 2²³ rounds to the nearest integer
    let shifted = x * 1.442_695_04 + magic
    let n = shifted - magic
    let r = (x - n * 0.693_359_375) + n * 2.121_944_4e-4
    var p = r * 1.987_569_15e-4 + 1.398_199_950_7e-3
    p = p * r + 8.333_451_907_3e-3
    p = p * r + 4.166_579_589_4e-2
    p = p * r + 1.666_666_545_9e-1
    p = p * r + 5.000_000_120_1e-1
    let y = (p * (r * r) + r) + 1
    // Two factors, because 2ⁿ itself may lie outside the normal range.
    let exponent = SIMD8<Int32>(truncatingIfNeeded: shifted.bits) &- 0x4B40_0000
    let half = exponent &>> 1
    let scaled = y * Lanes.powerOfTwo(half) * Lanes.powerOfTwo(exponent &- half)
    return selected(by: isNaN, else: scaled)
  }

  /// 2ⁿ for n in the normal range.
  @inline(__always)
  static func powerOfTwo(_ n: SIMD8<Int32>) -> Lanes {
    Lanes(bits: LaneBits(truncatingIfNeeded: (n &+ 127) &<< 23))
  }

  /// ln x: −∞ at 0, NaN below.
  @inline(__always)
  var logarithm: Lanes {
    let tiny = self .< Float.leastNormalMagnitude
    let x = (self * 0x1p23).selected(by: tiny, else: self)
    let bits = SIMD8<Int32>(truncatingIfNeeded: x.bits)
    let shift = (bits &- 0x3F35_04F3) &>> 23  // mantissa in [√½, √2)
    let m = Lanes(bits: LaneBits(truncatingIfNeeded: bits &- (shift &<< 23))) - 1
    let correction = Lanes(repeating: -23).selected(by: tiny, else: Lanes(repeating: 0))
    let e = Lanes.converted(shift) + correction
    let square = m * m
    var p = m * 7.037_683_629_2e-2 - 1.151_461_031_0e-1
    p = p * m + 1.167_699_874_0e-1
    p = p * m - 1.242_014_084_6e-1
    p = p * m + 1.424_932_278_7e-1
    p = p * m - 1.666_805_766_5e-1
    p = p * m + 2.000_071_476_5e-1
    p = p * m - 2.499_999_399_3e-1
    p = p * m + 3.333_333_117_4e-1
    let tail = (p * m * square + e * -2.121_944_4e-4) - square * 0.5
    let finite = (m + tail) + e * 0.693_359_375
    return finite.logarithmLimits(of: self)
  }

  /// Small integers as float32.
  @inline(__always)
  static func converted(_ n: SIMD8<Int32>) -> Lanes {
    // The integer sits in the low bits of 1.5 · 2²³.
    Lanes(bits: LaneBits(truncatingIfNeeded: n &+ 0x4B40_0000)) - 12_582_912
  }

  /// `self` with ln's values where x is not a positive finite number.
  @inline(__always)
  private func logarithmLimits(of x: Lanes) -> Lanes {
    let infinity = Lanes(repeating: .infinity)
    var y = infinity.selected(by: x .== infinity, else: self)
    y = Lanes(repeating: .nan).selected(by: x .< 0, else: y)
    y = (-infinity).selected(by: x .== 0, else: y)
    return x.selected(by: x.isNaN, else: y)
  }

  /// ln(1 + x), relatively accurate at small x (the correction of Kahan).
  @inline(__always)
  var logarithmOfOnePlus: Lanes {
    let u = self + 1
    let y = u.logarithm * (self / (u - 1))
    let plain = (u .== 1) .| (self .== .infinity)
    return selected(by: plain, else: y).logarithmOfOnePlusLimits(of: self)
  }

  @inline(__always)
  private func logarithmOfOnePlusLimits(of x: Lanes) -> Lanes {
    Lanes(repeating: -.infinity).selected(by: x .== -1, else: self)
  }

  /// tanh x.
  @inline(__always)
  var hyperbolicTangent: Lanes {
    let magnitude = magnitudes
    let z = self * self
    var p = z * -5.704_988_727_45e-3 + 2.063_908_879_54e-2
    p = p * z - 5.373_971_555_31e-2
    p = p * z + 1.333_144_220_36e-1
    p = p * z - 3.333_328_194_22e-1
    let near = p * z * self + self
    let far = (1 - 2 / ((magnitude + magnitude).exponential + 1)).withSign(of: self)
    return near.selected(by: magnitude .< 0.625, else: far)
  }

  /// 1 / (1 + e⁻ˣ).
  @inline(__always)
  var logistic: Lanes {
    let e = (-magnitudes).exponential
    let numerator = e.selected(by: self .< 0, else: Lanes(repeating: 1))
    return numerator / (e + 1)
  }

  /// erf x.
  @inline(__always)
  var errorFunction: Lanes {
    let magnitude = magnitudes
    let z = self * self
    var p = z * 7.853_861_353_153_693e-5 - 8.010_193_625_184_903e-4
    p = p * z + 5.188_327_685_732_524e-3
    p = p * z - 2.685_381_193_529_856e-2
    p = p * z + 1.128_358_514_861_418e-1
    p = p * z - 3.761_262_582_423_300e-1
    p = p * z + 1.128_379_165_726_710
    let far = (1 - magnitude.errorFunctionComplement).withSign(of: self)
    return (p * self).selected(by: magnitude .<= 1, else: far)
  }

  /// 1 − erf x for x ≥ 1, to an absolute 10⁻⁸.
  @inline(__always)
  private var errorFunctionComplement: Lanes {
    let x = Lanes.smaller(self, Lanes(repeating: 10))
    let q = 1 / x
    let y = q * q
    var near = y * 2.326_819_970_068_386e-2 - 1.387_039_388_740_657e-1
    near = near * y + 3.687_424_674_597_105e-1
    near = near * y - 5.824_733_027_278_666e-1
    near = near * y + 6.210_004_621_745_983e-1
    near = near * y - 4.944_515_323_274_145e-1
    near = near * y + 3.404_879_937_665_872e-1
    near = near * y - 2.741_127_028_184_656e-1
    near = near * y + 5.638_259_427_386_472e-1
    var far = y * -1.047_766_399_936_249e1 + 1.297_719_955_372_516e1
    far = far * y - 7.495_518_717_768_503
    far = far * y + 2.921_019_019_210_786
    far = far * y - 1.015_265_279_202_700
    far = far * y + 4.218_463_358_204_948e-1
    far = far * y - 2.820_767_439_740_514e-1
    far = far * y + 5.641_895_067_754_075e-1
    return (-(x * x)).exponential * q * near.selected(by: x .< 2, else: far)
  }
}
