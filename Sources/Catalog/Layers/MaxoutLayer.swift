import BoundAlgebra
import ModelIR
import TensorGraph

/// The largest of k channels: of channels i, i + C/k, …, i + (k − 1)C/k the maximum goes to i.
///
/// After a dense layer or convolution of k times as many units this is a maxout unit, whose k affine
/// pieces are that layer's.
///
/// - Shapes: [C, …] → [C/k, …], C divisible by k.
/// - Bound: constant 1, reached: a maximum is 1-Lipschitz in its arguments, and the groups share no
///   channel, so the squares of the differences add up to at most those of the input.
/// - Cost: one pass over the elements.
/// - Reference: Goodfellow et al. 2013.
public struct MaxoutLayer: Layer {
  /// The name in a spec.
  public static let kind = "maxout"
  /// The keys.
  public static let keys = [ChannelGroups.key.description]
  /// `maxout: 2`.
  public static let mainKey: String? = "size"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{size: 3}", inputs: [[6]]), LayerExample("{size: 2}", inputs: [[4, 2, 3]]),
  ]

  private let groups: ChannelGroups

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let groups = ChannelGroups(from: &reader) else { return nil }
    self.groups = groups
  }

  /// The shape with C/k channels.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    return [try groups.count(of: shape)] + shape.dropFirst()
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// 1.
  public func bound(in context: LayerBoundContext) -> LayerBound { .constant(.one) }

  /// The maximum of the groups' members.
  public func lower(_ context: inout LoweringContext) -> Value {
    let members = groups.members(of: context.inputs[0], &context.builder)
    return members.dropFirst().reduce(members[0]) { context.builder.maximum($0, $1) }
  }
}
