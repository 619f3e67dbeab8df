/// λx above 0, λα(eˣ − 1) below.
struct SELU: FixedActivationLayer {
  static let kind = "selu"
  private static let slope = Double(Float(1.050700987355480493))
  private static let depth = Double(Float(1.758099340847376854))

  let shape: [Int]
  let slopes = 0...Self.depth

  func value(_ x: Rounded) -> Rounded {
    x.piecewise(above: x.scaled(Self.slope)) { $0.exponential.plus(-1).scaled(Self.depth) }
  }
}
