import BoundAlgebra
import ModelIR
import TensorGraph

/// All elements of a sample as one vector, in row-major order.
///
/// - Shapes: any → [D], D the number of elements.
/// - Bound: constant 1; the elements and so the norm stay.
/// - Cost: none.
/// - Reference: immediate.
public struct FlattenLayer: Layer {
  /// The name in a spec.
  public static let kind = "flatten"
  /// None.
  public static let keys: [SpecKeyDescription] = []
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[2, 3, 2]]), LayerExample("", inputs: [[4]]),
  ]

  /// Reads no keys.
  public init?(from reader: inout ConfigReader) {}

  /// [D].
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    [try inputs.only().reduce(1, *)]
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// A copy: 1.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let shape = context.inputs[0]
    let map = CopyMap(shape, [.reshape([shape.reduce(1, *)])])
    return .linear(LinearOperator(name: context.name, form: .copy(map)))
  }

  /// A reshape to [N, D].
  public func lower(_ context: inout LoweringContext) -> Value {
    let shape = context.builder.shape(context.inputs[0])
    return context.builder.reshape(
      context.inputs[0], [shape[0], shape.dropFirst().reduce(1, *)])
  }
}
