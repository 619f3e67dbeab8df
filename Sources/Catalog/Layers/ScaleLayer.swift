import BoundAlgebra
import ModelIR
import TensorGraph

/// Multiplication by fixed factors: y = a ⊙ x, one factor for all or one a channel.
///
/// - Shapes: any, kept; channels are the first axis of a sample.
/// - Bound: constant max |a|, exact: the norm of a diagonal matrix. The factors are those of the spec
///   rounded to float32.
/// - Cost: one pass over the elements.
/// - Reference: immediate.
public struct ScaleLayer: Layer {
  private enum Keys {
    static let factor = SpecKey<ChannelValues>(
      "factor", "the factors a",
      .init("float32 numbers") { $0.values.allSatisfy(StoredConstant.fits) })
  }

  /// The name in a spec.
  public static let kind = "scale"
  /// The keys.
  public static let keys = [Keys.factor.description]
  /// `scale: 2`.
  public static let mainKey: String? = "factor"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{factor: -2.5}", inputs: [[3]]),
    LayerExample("{factor: [0.5, 3, 0]}", inputs: [[3, 2, 2]]),
  ]

  private let factor: ChannelValues

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let factor = reader.read(Keys.factor) else { return nil }
    self.factor = factor
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    try factor.check("factor", against: shape)
    return shape
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  /// max |a|.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(factor.stored.diagonal(in: context))
  }

  /// a ⊙ x.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let factors = context.builder.channelConstants(factor.stored, like: x)
    return context.builder.multiply(x, factors)
  }
}
