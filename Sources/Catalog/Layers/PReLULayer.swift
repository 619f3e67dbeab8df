import BoundAlgebra
import ModelIR
import TensorGraph

/// The identity above 0 and a line of trained slope a below: f(x) = x for x > 0, a·x otherwise.
///
/// - Shapes: any, kept; `weight` [C] with one slope per channel, the first axis of a sample, or [1].
/// - Bound: slopes between a and 1, both reached; constant max(1, max |a|), the norm of the diagonal
///   matrix of 1 and the slopes, which follows the slopes in training.
/// - Cost: one pass over the elements.
/// - Reference: He et al. 2015.
struct PReLULayer: Layer {
  static let kind = "prelu"
  static let examples = [
    LayerExample("", inputs: [[3]]), LayerExample("", inputs: [[3, 2, 2]]),
    LayerExample("{shared: true, slope: -2}", inputs: [[2, 3, 3]]),
  ]

  private let isShared: Bool
  private let slope: StoredConstant

  init(from reader: inout ConfigReader) {
    isShared = reader.read("shared", default: false, "whether all channels share one slope")
    slope = StoredConstant(
      reader.read("slope", default: 0.25, "where the slopes start", .float32))
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try inputs.channels("has one slope per channel")
  }

  /// The slopes have no weight decay, which would pull them to 0, as their paper asks.
  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    [ParameterDeclaration("weight", [count(inputs[0])], .bias, .constant(slope.value))]
  }

  private func count(_ shape: [Int]) -> Int { isShared ? 1 : shape[0] }

  /// max(1, max |a|).
  func bound(in context: LayerBoundContext) -> LayerBound {
    let slopes = LinearOperator(
      name: context.name,
      form: .diagonal(
        .parameterAndOne(context.parameter("weight")), shape: [count(context.inputs[0]) + 1]))
    return .constant(slopes.norm, of: [slopes])
  }

  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    let slopes = ChannelFactors.parameter("weight").lower(like: x, parameter: context.parameter)
    return select(x .> 0, x, x * slopes)
  }
}
