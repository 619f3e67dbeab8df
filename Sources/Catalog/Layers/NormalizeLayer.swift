import BoundAlgebra
import ModelIR
import TensorGraph

/// Standardization with fixed statistics: y = (x − mean)/std, with one value for all channels or one per
/// channel.
///
/// As a layer it is part of the bound, so that radii stay in the units of the data. The quotient is
/// computed as a product with 1/std rounded to float32.
///
/// - Shapes: any, kept; channels are the first axis of a sample.
/// - Bound: constant max 1/std, exact: the norm of a diagonal matrix; the mean has no effect.
/// - Cost: one pass over the elements.
/// - Reference: immediate.
struct NormalizeLayer: Layer {
  static let kind = "normalize"
  static let examples = [
    LayerExample("{mean: 0.1307, std: 0.3081}", inputs: [[1, 3, 3]]),
    LayerExample("{mean: [0.5, 0, -1], std: [0.2, 1, 4]}", inputs: [[3, 2, 2]]),
    LayerExample("{mean: [1, 2], std: 0.5}", inputs: [[2]]),
  ]

  private let mean: ChannelValues
  private let std: ChannelValues

  init(from reader: inout ConfigReader) {
    mean = reader.read("mean", "what is subtracted", .float32Numbers)
    std = reader.read(
      "std", "what is divided by",
      .init("positive, with reciprocals in the range of float32") {
        $0.values.allSatisfy { $0 > 0 && StoredConstant.fits(1 / $0) }
      })
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    try mean.check("mean", against: shape)
    try std.check("std", against: shape)
    return shape
  }

  /// max 1/std.
  func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(std.reciprocals.diagonal(in: context))
  }

  /// (x − mean) ⊙ 1/std.
  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    return (x - mean.stored.spread(like: x)) * std.reciprocals.spread(like: x)
  }
}
