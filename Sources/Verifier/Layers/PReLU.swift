/// x above 0, a·x below, with a learned slope a for each channel or one for all.
struct PReLU: ElementwiseLayer {
  static let kind = "prelu"
  static let keys = [
    LayerKey("shared", .flag), LayerKey("slope", .float32(LayerKey.finite)),
  ]

  let shape: [Int]
  let slopes: ClosedRange<Double>
  /// Channels with smaller slopes than the largest make the layers after it matter as a whole.
  let carriesErrors = false
  private let below: [Double]
  /// The elements that share a slope.
  private let area: Int

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    let isShared = try layer.keys("shared").flag
    below = try layer.parameter("weight", [isShared ? 1 : shape[0]]).map(Double.init)
    area = isShared ? .max : layer.area
    slopes = min(below.min() ?? 1, 1)...max(below.max() ?? 1, 1)
  }

  func value(_ x: Rounded, at index: Int) -> Rounded {
    x.piecewise(above: x) { $0.scaled(below[index / area]) }
  }
}
