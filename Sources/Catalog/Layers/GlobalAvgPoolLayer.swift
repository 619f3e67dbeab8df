import BoundAlgebra
import ModelIR
import TensorGraph

/// The average of each channel: [C, H, W] to a vector.
///
/// - Shapes: [C, H, W] → [C].
/// - Bound: constant 1/√(H·W), exact: by Cauchy and Schwarz, reached by a constant image.
/// - Cost: one pass over the elements.
/// - Reference: the inequality of Cauchy and Schwarz.
public struct GlobalAvgPoolLayer: Layer {
  /// The name in a spec.
  public static let kind = "global_avg_pool"
  /// None.
  public static let keys: [SpecKeyDescription] = []
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[2, 3, 4]]), LayerExample("", inputs: [[3, 1, 1]]),
  ]

  /// Reads no keys.
  public init?(from reader: inout ConfigReader) {}

  /// [C] for an image.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    [try inputs.image()[0]]
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  /// 1/√(H·W).
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .constant(.constant(.squareRoot(1, context.inputs[0][1] * context.inputs[0][2])))
  }

  /// The sums divided by H·W; a quotient, because 1/(H·W) rounded to float32 could exceed the bound.
  public func lower(_ context: inout LoweringContext) -> Value {
    let shape = context.builder.shape(context.inputs[0])
    let sum = context.builder.sum(context.inputs[0], axes: [2, 3])
    let count = context.builder.splat(Double(shape[2] * shape[3]), like: sum)
    return context.builder.divide(sum, count)
  }
}
