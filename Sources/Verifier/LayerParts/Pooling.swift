/// What pools of windows of an image share.
enum Pooling {
  static let keys = [
    LayerKey("kernel", .integers(LayerKey.extents, counts: [2])),
    LayerKey("stride", .integers(LayerKey.extents, counts: [2], word: "kernel")),
    LayerKey("padding", .integers(LayerKey.amounts, counts: [2], word: "same")),
  ]

  /// The windows of a pool, none of which lies in the padding alone.
  static func window(_ layer: LayerDescription) throws(Refusal) -> Window {
    let padding = try layer.keys("padding")
    let kernel = try layer.keys("kernel").integers
    if !padding.isWord("same") {
      let amounts = try padding.integers
      for axis in 0..<2 where amounts[axis % amounts.count] >= kernel[axis % kernel.count] {
        throw layer.malformed("must have 'padding' less than 'kernel'")
      }
    }
    return try Window(layer, axes: 2)
  }

  /// The mean of each window; its sum and the multiplication by a factor round once more than a sum does.
  static func mean(_ layer: LayerDescription, _ window: Window) throws(Refusal) -> LinearMap {
    let factor = Double(Float(1 / Double(window.taps)))
    var map = try layer.map(window.sums(times: factor), terms: window.taps + 1)
    map.isScaledAfterwards = true
    return map
  }
}
