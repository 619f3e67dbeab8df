/// x, limited to [lowest, highest].
struct HardTanh: ActivationLayer {
  static let kind = "hard_tanh"
  static let keys = [
    LayerKey("lowest", .float32(LayerKey.finite)), LayerKey("highest", .float32(LayerKey.finite)),
  ]

  let shape: [Int]
  let slopes = 0.0...1.0
  private let lowest: Double
  private let highest: Double

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    (lowest, highest) = (try layer.float32("lowest"), try layer.float32("highest"))
    guard try layer.keys("lowest").number < layer.keys("highest").number else {
      throw layer.malformed("must have 'lowest' less than 'highest'")
    }
  }

  func value(_ x: Rounded) -> Rounded { x.clamped(above: lowest).clamped(below: highest) }
}
