/// What `cpl` and `sll` share: x − 2·Mᵀ·max(M x + b, 0).
protocol ConvexPotentialLayer: GroupLayer {
  var block: ConvexPotential { get }
}

extension ConvexPotentialLayer {
  static var keys: [LayerKey] {
    [
      LayerKey("units", .integer(1...1 << 24)),
      LayerKey("kernel", .integers(LayerKey.extents, counts: [2])), LayerKey("bound", .text),
    ]
  }

  var shape: [Int] { block.shape }
  var form: LayerForm { .gradientStep(block.map) }

  func values(_ x: GroupValues) -> GroupValues { block.values(x) }
}

/// The two products.
struct ConvexPotential {
  let shape: [Int]
  /// M.
  let map: LinearMap
  /// −2·Mᵀ.
  private let step: LinearMap
  private let norms: (map: LinearMap.RowNorms, step: LinearMap.RowNorms)
  /// One for each element of M x.
  private let bias: [Double]

  /// A matrix, or with `kernel` the convolution of an image.
  init(_ layer: LayerDescription) throws(Refusal) {
    let units = try layer.keys("units").integer
    let bias = try layer.parameter("bias", [units]).map(Double.init)
    if try layer.keys.optional("kernel") == nil {
      guard layer.input.count == 1 else {
        throw layer.malformed("must have a vector as input, found \(layer.input)")
      }
      let count = layer.input[0]
      let weight = try layer.parameter("weight", [units, count]).map(Double.init)
      map = LinearMap(full: weight, inputs: count)
      step = LinearMap(full: weight.map { -2 * $0 }, inputs: count).fullTransposed
      self.bias = bias
    } else {
      let window = try Window(aroundPixelsOf: layer)
      let weight = try layer.parameter("weight", [units, layer.input[0]] + window.kernel)
        .map(Double.init)
      func map(_ weight: [Double], terms: Int) throws(Refusal) -> LinearMap {
        try layer.map(
          window.stencil(filters: units, groups: 1, weight), terms: terms * window.taps)
      }
      self.map = try map(weight, terms: layer.input[0])
      guard let step = try map(weight.map { -2 * $0 }, terms: units).transposed else {
        throw layer.malformed("has too many coefficients")
      }
      self.step = step
      self.bias = bias.flatMap { Array(repeating: $0, count: window.outputCount) }
    }
    shape = layer.input
    norms = (map.rowNorms, step.rowNorms)
  }

  func values(_ x: GroupValues) -> GroupValues {
    let active = x.products(with: map, norms.map).with(bias) { $0.plus($1) }
      .map { $0.clamped(above: 0) }
    return x.with(active.products(with: step, norms.step)) { $0 + $1 }
  }
}
