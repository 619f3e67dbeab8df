/// log(1 + eˣ).
struct Softplus: FixedActivationLayer {
  static let kind = "softplus"

  let shape: [Int]
  let slopes = 0.0...1.0

  func value(_ x: Rounded) -> Rounded { x.softplus }
}
