import BoundAlgebra
import ModelIR
import TensorGraph

/// Dropout: in training each element is set to 0 with probability r, the others are multiplied by
/// 1/(1 − r); in prediction the identity.
///
/// - Shapes: any, kept.
/// - Bound: constant 1, that of prediction, which is what certificates speak of. The factor 1/(1 − r) of
///   training is not counted.
/// - Cost: one pass over the elements in training, none in prediction.
/// - Reference: Srivastava et al. 2014.
public struct DropoutLayer: Layer {
  private enum Keys {
    static let rate = SpecKey<Double>(
      "rate", "the probability r of an element's loss",
      .init("at least 0 and less than 1") { (0..<1).contains($0) })
  }

  /// The name in a spec.
  public static let kind = "dropout"
  /// The keys.
  public static let keys = [Keys.rate.description]
  /// `dropout: 0.5`.
  public static let mainKey: String? = "rate"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{rate: 0.5}", inputs: [[6]]), LayerExample("{rate: 0}", inputs: [[2, 2, 2]]),
  ]

  private let rate: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let rate = reader.read(Keys.rate) else { return nil }
    self.rate = rate
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }
  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// A copy: 1.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(LinearOperator(name: context.name, form: .copy(CopyMap(context.inputs[0]))))
  }

  /// A random mask in training, drawn from a stream of the layer's name and the step; else the input.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    guard case .training(let counter, let seed) = context.mode, rate > 0 else { return x }
    let stream = CounterRandom.stream(seed: seed, "dropout." + context.name)
    let draws = context.builder.apply(
      .random(stream: stream), [counter], as: context.builder.type(x))
    let threshold = context.builder.splat(rate, like: x)
    let kept = context.builder.compare(.greaterOrEqual, draws, threshold)
    return context.builder.scale(context.builder.multiply(x, kept), by: 1 / (1 - rate))
  }
}
