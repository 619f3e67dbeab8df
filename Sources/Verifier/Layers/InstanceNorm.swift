/// Each channel with mean 0 and variance 1.
struct InstanceNorm: GroupLayer {
  static let kind = "instance_norm"
  static let keys = Normalization.keys

  let shape: [Int]
  private let normalization: Normalization

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    normalization = try Normalization(layer, groups: shape[0], parameters: [shape[0]])
  }

  var form: LayerForm { .nonlinear(normalization.constant) }

  func values(_ x: GroupValues) -> GroupValues { normalization(x) }
}
