import BoundAlgebra
import ModelIR
import TensorGraph

/// Softmax over the channels: p_c = e^{x_c}/Σ_k e^{x_k}, for every position of an image by itself.
///
/// - Shapes: any with at least one axis, kept; channels are the first axis of a sample.
/// - Bound: constant 1/2, reached where two channels share all of p. The derivative in direction v is
///   diag(p)v − p⟨p, v⟩, symmetric in the two directions, and ⟨v, diag(p)v − p⟨p, v⟩⟩ is the variance of
///   v under p, at most (max v − min v)²/4 (Popoviciu) ≤ ‖v‖²/2. A single channel gives the constant 1
///   and has the constant 0.
/// - Cost: a few passes over the elements.
/// - Reference: Gao, Pavel 2017 (constant 1); the sharper 1/2 as above.
public struct SoftmaxLayer: Layer {
  /// The name in a spec.
  public static let kind = "softmax"
  /// None.
  public static let keys: [SpecKeyDescription] = []
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[2]]), LayerExample("", inputs: [[5]]),
    LayerExample("", inputs: [[3, 2, 2]]),
  ]

  /// Reads no keys.
  public init?(from reader: inout ConfigReader) {}

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try inputs.channels("softmax is over the channels")
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  /// 1/2.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .constant(context.inputs[0][0] == 1 ? .zero : .constant(.rational(1, 2)))
  }

  /// The quotient, the largest channel subtracted first so that no exponential overflows.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let shape = context.builder.shape(x)
    let others = shape.indices.filter { $0 != 1 }
    let largest = context.builder.maximum(of: context.builder.stopGradient(x), axes: [1])
    let shifted = context.builder.subtract(
      x, context.builder.broadcast(largest, to: shape, axes: others))
    let exponentials = context.builder.unary(.exp, shifted)
    let total = context.builder.sum(exponentials, axes: [1])
    return context.builder.divide(
      exponentials, context.builder.broadcast(total, to: shape, axes: others))
  }
}
