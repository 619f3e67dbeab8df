/// x above 0, a·x below.
struct LeakyReLU: ActivationLayer {
  static let kind = "leaky_relu"
  static let keys = [LayerKey("slope", .float32(LayerKey.finite))]

  let shape: [Int]
  private let slope: Double

  init(_ layer: LayerDescription) throws(Refusal) {
    (shape, slope) = (layer.input, try layer.float32("slope"))
  }

  var slopes: ClosedRange<Double> { min(slope, 1)...max(slope, 1) }

  func value(_ x: Rounded) -> Rounded { x.piecewise(above: x) { $0.scaled(slope) } }
}
