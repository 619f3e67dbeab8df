import BoundAlgebra
import ModelIR
import TensorGraph

/// The same elements of a sample, in row-major order, under another shape.
///
/// - Shapes: any → `shape`, with as many elements.
/// - Bound: constant 1; the elements and so the norm stay.
/// - Cost: none.
/// - Reference: immediate.
public struct ReshapeLayer: Layer {
  private enum Keys {
    static let shape = SpecKey<[Int]>(
      "shape", "the extents of the result, without the batch",
      .init("a list of positive extents with at most 2^31 elements") {
        !$0.isEmpty && ElementCount.of($0) != nil
      })
  }

  /// The name in a spec.
  public static let kind = "reshape"
  /// The keys.
  public static let keys = [Keys.shape.description]
  /// `reshape: [1, 8, 8]`.
  public static let mainKey: String? = "shape"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{shape: [1, 2, 3]}", inputs: [[6]]),
    LayerExample("{shape: [4]}", inputs: [[2, 2]]),
  ]

  private let shape: [Int]

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let shape = reader.read(Keys.shape) else { return nil }
    self.shape = shape
  }

  /// The shape, if the elements suffice.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let input = try inputs.only()
    let (required, found) = (shape.reduce(1, *), input.reduce(1, *))
    guard required == found else {
      throw ShapeFault(
        "needs an input of \(required) elements for \(shape), found \(found) in \(input)")
    }
    return shape
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// A copy: 1.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(
      LinearOperator(name: context.name, form: .copy(CopyMap(context.inputs[0], [.reshape(shape)])))
    )
  }

  /// A reshape to [N] + shape.
  public func lower(_ context: inout LoweringContext) -> Value {
    let batch = context.builder.shape(context.inputs[0])[0]
    return context.builder.reshape(context.inputs[0], [batch] + shape)
  }
}
