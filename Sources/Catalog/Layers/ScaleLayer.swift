import BoundAlgebra
import ModelIR
import TensorGraph

/// Multiplication by fixed factors: y = a ⊙ x, with one factor for all channels or one per channel.
///
/// - Shapes: any, kept; channels are the first axis of a sample.
/// - Bound: constant max |a|, exact: the norm of a diagonal matrix. The factors are those of the spec
///   rounded to float32.
/// - Cost: one pass over the elements.
/// - Reference: immediate.
struct ScaleLayer: Layer {
  static let kind = "scale"
  static let mainKey: String? = "factor"
  static let examples = [
    LayerExample("{factor: -2.5}", inputs: [[3]]),
    LayerExample("{factor: [0.5, 3, 0]}", inputs: [[3, 2, 2]]),
  ]

  private let factor: ChannelValues

  init(from reader: inout ConfigReader) {
    factor = reader.read("factor", "the factors a", .float32Numbers)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    try factor.check("factor", against: shape)
    return shape
  }

  /// max |a|.
  func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(factor.stored.diagonal(in: context))
  }

  /// a ⊙ x.
  func lower(_ context: LoweringContext) -> Tensor {
    context.input * factor.stored.spread(like: context.input)
  }
}
