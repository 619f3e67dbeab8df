/// x(1 + erf(x/√2))/2.
struct GELU: FixedActivationLayer {
  static let kind = "gelu"

  let shape: [Int]
  // The extrema of the derivative, rounded outward.
  let slopes = -0x1.07fee57f1cd3cp-3...0x1.20ffdcafe39a8p+0

  func value(_ x: Rounded) -> Rounded {
    let scaled = x.scaled(Double(Float(0.5.squareRoot())))
    return (x * scaled.errorFunction.plus(1)).scaled(0.5)
  }
}
