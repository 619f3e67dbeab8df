/// x above 0, α(eˣ − 1) below.
struct ELU: ActivationLayer {
  static let kind = "elu"
  static let keys = [LayerKey("alpha", .float32(0...LayerKey.finite.upperBound))]

  let shape: [Int]
  private let alpha: Double

  init(_ layer: LayerDescription) throws(Refusal) {
    (shape, alpha) = (layer.input, try layer.float32("alpha"))
  }

  var slopes: ClosedRange<Double> { 0...max(1, alpha) }

  func value(_ x: Rounded) -> Rounded {
    x.piecewise(above: x) { $0.exponential.plus(-1).scaled(alpha) }
  }
}
