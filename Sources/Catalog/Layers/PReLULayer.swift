import BoundAlgebra
import ModelIR
import TensorGraph

/// The identity above 0, a line of a learnt slope a below: f(x) = x for x > 0, a·x otherwise.
///
/// - Shapes: any, kept; `weight` [C] with a slope a channel, the first axis of a sample, or [1].
/// - Bound: slopes between a and 1, both reached; constant max(1, max |a|), the norm of the diagonal
///   matrix of 1 and the slopes, which follows the slopes in training.
/// - Cost: one pass over the elements.
/// - Reference: He et al. 2015.
public struct PReLULayer: Layer {
  private enum Keys {
    static let shared = SpecKey<Bool>(
      "shared", default: false, "whether all channels share one slope")
    static let slope = SpecKey<Double>(
      "slope", default: 0.25, "where the slopes start",
      .init("a float32 number") { StoredConstant.fits($0) })
  }

  /// The name in a spec.
  public static let kind = "prelu"
  /// The keys.
  public static let keys = [Keys.shared.description, Keys.slope.description]
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[3]]), LayerExample("", inputs: [[3, 2, 2]]),
    LayerExample("{shared: true, slope: -2}", inputs: [[2, 3, 3]]),
  ]

  private let isShared: Bool
  private let slope: StoredConstant

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let shared = reader.read(Keys.shared)
    let slope = reader.read(Keys.slope)
    guard let shared, let slope else { return nil }
    isShared = shared
    self.slope = StoredConstant(slope)
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try inputs.channels("has a slope a channel")
  }

  /// The slopes; weight decay would draw them to 0, and they have none, as their paper asks.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    [ParameterDeclaration("weight", [count(inputs[0])], .bias, .constant(slope.value))]
  }

  private func count(_ shape: [Int]) -> Int { isShared ? 1 : shape[0] }

  /// max(1, max |a|).
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let slopes = LinearOperator(
      name: context.name,
      form: .diagonal(
        .parameterAndOne(context.parameter("weight")), shape: [count(context.inputs[0]) + 1]))
    return .constant(slopes.norm, of: [slopes])
  }

  /// x where it is positive, else a·x.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let slopes = context.parameter("weight")
    let factors = ChannelFactors.parameter("weight").lower(like: x, into: &context.builder) { _ in
      slopes
    }
    let below = context.builder.multiply(x, factors)
    let zero = context.builder.splat(0, like: x)
    return context.builder.select(context.builder.compare(.greater, x, zero), x, below)
  }
}
