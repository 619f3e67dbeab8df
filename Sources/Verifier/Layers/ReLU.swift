/// max(x, 0).
struct ReLU: FixedActivationLayer {
  static let kind = "relu"

  let shape: [Int]
  let slopes = 0.0...1.0

  func value(_ x: Rounded) -> Rounded { x.clamped(above: 0) }
}
