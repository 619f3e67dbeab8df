/// x/(1 + e⁻ˣ).
struct SiLU: FixedActivationLayer {
  static let kind = "silu"

  let shape: [Int]
  // The extrema of the derivative, rounded outward.
  let slopes = -0x1.98f11d6cef08cp-4...0x1.198f11d6cef09p+0

  func value(_ x: Rounded) -> Rounded { x * x.logistic }
}
