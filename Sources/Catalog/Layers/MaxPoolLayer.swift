import BoundAlgebra
import ModelIR
import TensorGraph

/// The maximum over each window of a channel; padding never wins.
///
/// - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
///   `padding: same`.
/// - Bound: constant √n, n the largest number of windows that hold one element, counted for the kernel,
///   stride, padding and extent at hand; 1 where windows do not overlap. Each output is 1-Lipschitz in
///   its window, and n windows count an element's change at most n times in the square; an element that
///   leads all its windows reaches it.
/// - Cost: one pass over the windows.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 3.
public struct MaxPoolLayer: Layer {
  /// The name in a spec.
  public static let kind = "max_pool"
  /// The keys.
  public static let keys = Pooling.keys
  /// `max_pool: 2`.
  public static let mainKey: String? = "kernel"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{kernel: 2}", inputs: [[2, 4, 4]]),
    LayerExample("{kernel: 3, stride: 2, padding: 1}", inputs: [[1, 5, 5]]),
    LayerExample("{kernel: [3, 2], stride: 1}", inputs: [[2, 4, 3]]),
    LayerExample("{kernel: 3, stride: 1}", inputs: [[1, 4, 4]]),
    LayerExample("{kernel: 2, stride: 1, padding: same}", inputs: [[1, 3, 4]]),
    LayerExample("{kernel: 1, stride: 2}", inputs: [[1, 3, 4]]),
  ]

  private let pooling: Pooling

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let pooling = Pooling(from: &reader) else { return nil }
    self.pooling = pooling
  }

  /// [C, H′, W′] for an image.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try pooling.outputShape(of: inputs)
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  /// √n.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let extent = Array(context.inputs[0][1...])
    return .constant(
      .constant(.squareRoot(pooling.window(for: extent).largestOverlap(in: extent), 1)))
  }

  /// The windows' maxima.
  public func lower(_ context: inout LoweringContext) -> Value {
    let extent = Array(context.builder.shape(context.inputs[0])[2...])
    return context.builder.maxPool(context.inputs[0], pooling.window(for: extent))
  }
}
