import BoundAlgebra
import ModelIR
import TensorGraph

/// The identity: f(x) = x.
///
/// - Shapes: any, kept.
/// - Bound: constant 1.
/// - Cost: none.
/// - Reference: immediate.
public struct IdentityLayer: Layer {
  /// The name in a spec.
  public static let kind = "identity"
  /// None.
  public static let keys: [SpecKeyDescription] = []
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [LayerExample("", inputs: [[3]])]

  /// Reads no keys.
  public init?(from reader: inout ConfigReader) {}

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }
  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// A copy: 1.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(LinearOperator(name: context.name, form: .copy(CopyMap(context.inputs[0]))))
  }
  /// The input itself.
  public func lower(_ context: inout LoweringContext) -> Value { context.inputs[0] }
}
