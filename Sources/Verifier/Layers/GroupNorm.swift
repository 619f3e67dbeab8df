/// Groups of channels with mean 0 and variance 1.
struct GroupNorm: GroupLayer {
  static let kind = "group_norm"
  static let keys = Normalization.keys + [Convolution.groups]

  let shape: [Int]
  private let normalization: Normalization

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    let groups = try layer.keys("groups").integer
    guard shape[0] % groups == 0 else {
      throw layer.malformed("must have channels divisible by 'groups' \(groups)")
    }
    normalization = try Normalization(layer, groups: groups, parameters: [shape[0]])
  }

  var form: LayerForm { .nonlinear(normalization.constant) }

  func values(_ x: GroupValues) -> GroupValues { normalization(x) }
}
