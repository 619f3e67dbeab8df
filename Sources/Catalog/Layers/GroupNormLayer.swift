import ModelIR
import TensorGraph

/// Group normalization: each group of neighboring channels minus its mean, divided by √(σ² + ε), with a
/// factor γ and an offset β per channel.
///
/// - Shapes: [C, …] of at least 2 elements per group, kept, C divisible by `groups`; `weight` γ and `bias` β
///   [C].
/// - Bound: constant max |γ|/√ε, finite only through ε, as for `layer_norm`: the groups share no element,
///   so the largest of their constants is that of all.
/// - Cost: a few passes over the elements.
/// - Reference: Wu, He 2018.
struct GroupNormLayer: Layer {
  static let kind = "group_norm"
  static let mainKey: String? = "groups"
  static let examples = [
    LayerExample("{groups: 2, epsilon: 0.1}", inputs: [[4, 2, 3]]),
    LayerExample("{groups: 2, epsilon: 1e-3, affine: false}", inputs: [[6]]),
  ]

  private let groups: Int
  private let normalization: Normalization

  init(from reader: inout ConfigReader) {
    groups = reader.read("groups", "groups of channels", .channels)
    normalization = Normalization(from: &reader, isAffine: true)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.channels("groups channels")
    guard shape[0] % groups == 0 else {
      throw ShapeFault("needs channels divisible by 'groups' \(groups), found \(shape)")
    }
    try normalization.check(shape, groups: groups)
    return shape
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    normalization.parameters([inputs[0][0]])
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    normalization.bound(context.inputs[0][0], in: context)
  }

  func lower(_ context: LoweringContext) -> Tensor {
    normalization.lower(context, groups: groups, axes: [1])
  }
}
