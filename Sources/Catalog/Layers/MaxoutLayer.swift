import BoundAlgebra
import ModelIR
import TensorGraph

/// The largest of k channels: output channel i is the maximum of channels i, i + C/k, …, i + (k − 1)C/k.
///
/// After a dense layer or convolution with k times as many units this is a maxout unit, whose k affine
/// pieces are the units of that layer.
///
/// - Shapes: [C, …] → [C/k, …], C divisible by k.
/// - Bound: constant 1, reached: a maximum is 1-Lipschitz in its arguments, and the groups share no
///   channel, so the squares of the differences add up to at most those of the input.
/// - Cost: one pass over the elements.
/// - Reference: Goodfellow et al. 2013.
struct MaxoutLayer: Layer {
  static let kind = "maxout"
  static let mainKey: String? = "size"
  static let examples = [
    LayerExample("{size: 3}", inputs: [[6]]), LayerExample("{size: 2}", inputs: [[4, 2, 3]]),
  ]

  private let groups: ChannelGroups

  init(from reader: inout ConfigReader) { groups = ChannelGroups(from: &reader) }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    return [try groups.count(of: shape)] + shape.dropFirst()
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let places = groups.places(of: context.inputs[0])
    return .comparisons(
      Comparisons(groups: places, outputs: places.map { $0[0] }, Comparisons.maximum))
  }

  /// The maximum of the groups' members.
  func lower(_ context: LoweringContext) -> Tensor {
    let members = groups.members(of: context.input)
    return members.dropFirst().reduce(members[0]) { max($0, $1) }
  }
}
