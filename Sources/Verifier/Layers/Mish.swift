/// x tanh(log(1 + eˣ)).
struct Mish: FixedActivationLayer {
  static let kind = "mish"

  let shape: [Int]
  // The extrema of the derivative, rounded outward.
  let slopes = -0x1.cce830f9bc267p-4...0x1.16a7d0c455120p+0

  func value(_ x: Rounded) -> Rounded { x * x.softplus.hyperbolicTangent }
}
