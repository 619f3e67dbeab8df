/// 1/(1 + e⁻ˣ).
struct Sigmoid: FixedActivationLayer {
  static let kind = "sigmoid"

  let shape: [Int]
  let slopes = 0.0...0.25

  func value(_ x: Rounded) -> Rounded { x.logistic }
}
