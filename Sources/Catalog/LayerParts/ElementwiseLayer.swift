import ModelIR
import TensorGraph

/// A layer that applies one function to every element; a conforming file states the function and the
/// range of its slopes, the rest follows.
protocol ElementwiseLayer: Layer {
  /// The range of the function's difference quotients.
  var slopes: Slopes { get }
  /// Appends the function.
  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value
}

extension ElementwiseLayer {
  /// Keeps the shape of its one input.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }
  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// The slopes.
  public func bound(in context: LayerBoundContext) -> LayerBound { .elementwise(slopes) }
  /// Applies the function.
  public func lower(_ context: inout LoweringContext) -> Value {
    apply(to: context.inputs[0], &context.builder)
  }
}

/// An ``ElementwiseLayer`` without keys.
protocol KeylessElementwiseLayer: ElementwiseLayer {
  /// The one layer of this kind.
  init()
}

extension KeylessElementwiseLayer {
  /// None.
  public static var keys: [SpecKeyDescription] { [] }
  /// None.
  public static var mainKey: String? { nil }
  /// A vector and an image.
  public static var examples: [LayerExample] {
    [LayerExample("", inputs: [[5]]), LayerExample("", inputs: [[2, 3, 3]])]
  }
  /// Reads no keys.
  public init?(from reader: inout ConfigReader) { self.init() }
}
