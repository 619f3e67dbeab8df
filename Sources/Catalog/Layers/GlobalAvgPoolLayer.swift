import BoundAlgebra
import ModelIR
import TensorGraph

/// The average of each channel: [C, H, W] to a vector.
///
/// - Shapes: [C, H, W] → [C].
/// - Bound: 1/√(H·W), by Cauchy and Schwarz, reached by a constant image.
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

  /// 1/(H·W) as the network uses it.
  private func factor(_ extent: [Int]) -> Double {
    StoredConstant(1 / Double(extent[0] * extent[1])).value
  }

  /// 1/√(H·W), as the sum over one window.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let extent = Array(context.inputs[0][1...])
    return .linear(
      LinearOperator(
        name: context.name,
        form: .sumPool(
          window: PoolWindow(kernel: extent, strides: extent), input: context.inputs[0],
          factor: factor(extent))))
  }

  /// The sums times 1/(H·W).
  public func lower(_ context: inout LoweringContext) -> Value {
    let extent = Array(context.builder.shape(context.inputs[0])[2...])
    let sum = context.builder.sum(context.inputs[0], axes: [2, 3])
    return context.builder.scale(sum, by: factor(extent))
  }
}
