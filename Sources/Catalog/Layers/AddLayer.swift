import ModelIR
import TensorGraph

/// The sum of two or more inputs of one shape.
///
/// - Shapes: S, …, S → S.
/// - Bound: the sum of the inputs' bounds, by the triangle inequality; what the network gains from
///   looking at linear branches together is the composition's matter.
/// - Cost: one pass over the inputs.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, appendix B.
public struct AddLayer: Layer {
  /// The name in a spec.
  public static let kind = "add"
  /// None.
  public static let keys: [SpecKeyDescription] = []
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[3], [3]]),
    LayerExample("", inputs: [[2, 2, 2], [2, 2, 2], [2, 2, 2]]),
  ]

  /// Reads no keys.
  public init?(from reader: inout ConfigReader) {}

  /// The common shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shapes = try inputs.several()
    for shape in shapes where shape != shapes[0] {
      throw ShapeFault("needs inputs of one shape, found \(shapes[0]) and \(shape)")
    }
    return shapes[0]
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// The sum of the inputs' bounds.
  public func bound(in context: LayerBoundContext) -> LayerBound { .addition }

  /// x₁ + x₂ + ….
  public func lower(_ context: inout LoweringContext) -> Value {
    var sum = context.inputs[0]
    for input in context.inputs.dropFirst() { sum = context.builder.add(sum, input) }
    return sum
  }
}
