import BoundAlgebra
import ModelIR
import TensorGraph

/// Standardisation with fixed statistics: y = (x − mean)/std, one value for all or one a channel.
///
/// As a layer it counts in the bound, so that radii stay in the units of the data. The quotient is
/// computed as a product with 1/std rounded to float32.
///
/// - Shapes: any, kept; channels are the first axis of a sample.
/// - Bound: constant max 1/std, exact: the norm of a diagonal matrix; the mean drops out.
/// - Cost: one pass over the elements.
/// - Reference: immediate.
public struct NormalizeLayer: Layer {
  private enum Keys {
    static let mean = SpecKey<ChannelValues>(
      "mean", "what is subtracted",
      .init("float32 numbers") { $0.values.allSatisfy(StoredConstant.fits) })
    static let std = SpecKey<ChannelValues>(
      "std", "what is divided by",
      .init("positive, with reciprocals in the range of float32") {
        $0.values.allSatisfy { $0 > 0 && StoredConstant.fits(1 / $0) }
      })
  }

  /// The name in a spec.
  public static let kind = "normalize"
  /// The keys.
  public static let keys = [Keys.mean.description, Keys.std.description]
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{mean: 0.1307, std: 0.3081}", inputs: [[1, 3, 3]]),
    LayerExample("{mean: [0.5, 0, -1], std: [0.2, 1, 4]}", inputs: [[3, 2, 2]]),
    LayerExample("{mean: [1, 2], std: 0.5}", inputs: [[2]]),
  ]

  private let mean: ChannelValues
  private let std: ChannelValues

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let mean = reader.read(Keys.mean)
    let std = reader.read(Keys.std)
    guard let mean, let std else { return nil }
    self.mean = mean
    self.std = std
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    try mean.check("mean", against: shape)
    try std.check("std", against: shape)
    return shape
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  /// max 1/std.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(std.reciprocals.diagonal(in: context))
  }

  /// (x − mean) ⊙ 1/std.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let means = context.builder.channelConstants(mean.stored, like: x)
    let centred = context.builder.subtract(x, means)
    let factors = context.builder.channelConstants(std.reciprocals, like: x)
    return context.builder.multiply(centred, factors)
  }
}
