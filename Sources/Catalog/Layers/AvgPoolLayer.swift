import ModelIR
import TensorGraph

/// The average over each window of a channel, padding counted as zeros.
///
/// - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
///   `padding: same`.
/// - Bound: the spectral norm of the operator itself, the same for every channel: 1/√(kh·kw) where
///   windows do not overlap, at most √n/√(kh·kw) with n windows over one element.
/// - Cost: one pass over the windows.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 3.
public struct AvgPoolLayer: Layer {
  /// The name in a spec.
  public static let kind = "avg_pool"
  /// The keys.
  public static let keys = Pooling.keys
  /// `avg_pool: 2`.
  public static let mainKey: String? = "kernel"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{kernel: 2}", inputs: [[2, 4, 4]]),
    LayerExample("{kernel: [3, 2], stride: [1, 2], padding: [1, 0]}", inputs: [[1, 4, 5]]),
    LayerExample("{kernel: 3, stride: 2, padding: same}", inputs: [[1, 5, 4]]),
    LayerExample("{kernel: 2, stride: 3}", inputs: [[1, 5, 5]]),
  ]

  private let pooling: Pooling

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let pooling = Pooling(from: &reader) else { return nil }
    self.pooling = pooling
  }

  /// 1/(kh·kw) as the network uses it.
  private var factor: Double {
    StoredConstant(1 / Double(pooling.kernel.height * pooling.kernel.width)).value
  }

  /// [C, H′, W′] for an image.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try pooling.outputShape(of: inputs)
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  /// The norm of the operator.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let input = context.inputs[0]
    return .linear(
      LinearOperator(
        name: context.name,
        form: .sumPool(
          window: pooling.window(for: Array(input[1...])), input: input, factor: factor)))
  }

  /// The windows' sums times 1/(kh·kw).
  public func lower(_ context: inout LoweringContext) -> Value {
    let extent = Array(context.builder.shape(context.inputs[0])[2...])
    let sum = context.builder.apply(
      .sumPool(pooling.window(for: extent)), [context.inputs[0]])
    return context.builder.scale(sum, by: factor)
  }
}
