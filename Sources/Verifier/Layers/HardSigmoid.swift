/// x/6 + 1/2, limited to [0, 1].
struct HardSigmoid: FixedActivationLayer {
  static let kind = "hard_sigmoid"
  private static let slope = Double(Float(1.0 / 6))

  let shape: [Int]
  let slopes = 0...Self.slope

  func value(_ x: Rounded) -> Rounded {
    x.scaled(Self.slope).plus(0.5).clamped(above: 0).clamped(below: 1)
  }
}
