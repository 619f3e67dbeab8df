import ModelIR
import TensorGraph

/// Group normalisation: each group of neighbouring channels minus its mean, divided by √(σ² + ε), with a
/// factor γ and an offset β a channel.
///
/// - Shapes: [C, …] of at least 2 elements a group, kept, C divisible by `groups`; `weight` γ and `bias` β
///   [C].
/// - Bound: constant max |γ|/√ε, finite only through ε, as for `layer_norm`: the groups share no element,
///   so the largest of their constants is that of all.
/// - Cost: a few passes over the elements.
/// - Reference: Wu, He 2018.
public struct GroupNormLayer: Layer {
  private static let groups = SpecKey<Int>("groups", "groups of channels", .channels)

  /// The name in a spec.
  public static let kind = "group_norm"
  /// The keys.
  public static let keys = [groups.description] + Normalization.keys(isAffine: true)
  /// `group_norm: 8`.
  public static let mainKey: String? = "groups"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{groups: 2, epsilon: 0.1}", inputs: [[4, 2, 3]]),
    LayerExample("{groups: 2, epsilon: 1e-3, affine: false}", inputs: [[6]]),
  ]

  private let groups: Int
  private let normalization: Normalization

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let groups = reader.read(Self.groups)
    let normalization = Normalization(from: &reader, isAffine: true)
    guard let groups, let normalization else { return nil }
    self.groups = groups
    self.normalization = normalization
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.channels("groups channels")
    guard shape[0] % groups == 0 else {
      throw ShapeFault("needs channels divisible by 'groups' \(groups), found \(shape)")
    }
    try normalization.check(shape, groups: groups)
    return shape
  }

  /// γ and β.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    normalization.parameters([inputs[0][0]])
  }

  /// max |γ|/√ε.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    normalization.bound(context.inputs[0][0], in: context)
  }

  /// The groups.
  public func lower(_ context: inout LoweringContext) -> Value {
    normalization.lower(&context, groups: groups, axes: [1])
  }
}
