/// tanh x.
struct Tanh: FixedActivationLayer {
  static let kind = "tanh"

  let shape: [Int]
  let slopes = 0.0...1.0

  func value(_ x: Rounded) -> Rounded { x.hyperbolicTangent }
}
