/// All elements of a sample with mean 0 and variance 1.
struct LayerNorm: GroupLayer {
  static let kind = "layer_norm"
  static let keys = Normalization.keys

  let shape: [Int]
  private let normalization: Normalization

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    normalization = try Normalization(layer, groups: 1, parameters: layer.input)
  }

  var form: LayerForm { .nonlinear(normalization.constant) }

  func values(_ x: GroupValues) -> GroupValues { normalization(x) }
}
