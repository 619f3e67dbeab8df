import ModelIR
import TensorGraph

/// Dropout: in training each element is set to 0 with probability r, the others are multiplied by
/// 1/(1 − r); in prediction the identity.
///
/// - Shapes: any, kept.
/// - Bound: constant 1, that of prediction, which certificates are about. The factor 1/(1 − r) of
///   training is not counted.
/// - Cost: one pass over the elements in training, none in prediction.
/// - Reference: Srivastava et al. 2014.
struct DropoutLayer: Layer {
  static let kind = "dropout"
  static let mainKey: String? = "rate"
  static let examples = [
    LayerExample("{rate: 0.5}", inputs: [[6]]), LayerExample("{rate: 0}", inputs: [[2, 2, 2]]),
  ]

  private let rate: Double

  init(from reader: inout ConfigReader) {
    rate = reader.read("rate", "the probability r that an element is dropped", .fraction)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }

  func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(LinearOperator(name: context.name, form: .copy(CopyMap(context.inputs[0]))))
  }

  /// The random mask is drawn from a stream of the layer's name and the step.
  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    guard case .training(let counter, let seed) = context.mode, rate > 0 else { return x }
    let stream = CounterRandom.stream(seed: seed, "dropout." + context.name)
    let draws = x.builder.random(stream: stream, counter: counter, like: x)
    return x * (draws .>= rate) * (1 / (1 - rate))
  }
}
