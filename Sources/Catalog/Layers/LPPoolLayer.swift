import BoundAlgebra
import ModelIR
import TensorGraph

/// The norm of each window of a channel: Σ|x| or √Σx² over the window; padding counts as zeros.
///
/// With p = 2 the sum of squares is raised to at least 2⁻¹⁰⁰, so that the root has a derivative
/// everywhere: windows whose norm is below 2⁻⁵⁰ give 2⁻⁵⁰.
///
/// - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
///   `padding: same`.
/// - Bound: for p = 2 the constant √n, where n is the largest number of windows that contain one element.
///   A norm is 1-Lipschitz, and so is the maximum of it and a number; the change of an element enters the
///   squared norm at most n times. An element that is alone in all its windows reaches the bound. For
///   p = 1 the norm of the operator S that sums over windows: |f(x) − f(y)| ≤ S|x − y| elementwise, with
///   equality between non-negative images x ≥ y.
/// - Cost: one pass over the windows.
/// - Reference: Gulcehre et al. 2014 (learned p); the bounds as above.
struct LPPoolLayer: Layer {
  static let kind = "lp_pool"
  static let mainKey: String? = "kernel"
  static let examples = [
    LayerExample("{kernel: 2}", inputs: [[2, 4, 4]]),
    LayerExample("{kernel: 3, stride: 2, padding: 1}", inputs: [[1, 5, 5]]),
    LayerExample("{kernel: [3, 2], stride: 1, p: 1}", inputs: [[2, 4, 3]]),
    LayerExample("{kernel: 2, p: 1}", inputs: [[1, 4, 4]]),
    LayerExample("{kernel: 1, p: 1}", inputs: [[1, 2, 2]]),
  ]

  /// Sums of squares below this one are replaced by it.
  private static let leastSquare = 0x1p-100

  private let pooling: Pooling
  private let p: Int

  init(from reader: inout ConfigReader) {
    pooling = Pooling(from: &reader)
    p = reader.read(
      "p", default: 2, "the norm's exponent", .init("1 or 2") { (1...2).contains($0) })
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try pooling.outputShape(of: inputs)
  }

  /// √n or the norm of the sums.
  func bound(in context: LayerBoundContext) -> LayerBound {
    let input = context.inputs[0]
    let window = pooling.window(for: Array(input[1...]))
    guard p == 1 else {
      return .constant(.constant(.squareRoot(window.largestOverlap(in: Array(input[1...])), 1)))
    }
    let sums = LinearOperator(
      name: context.name, form: .sumPool(window: window, input: input, factor: 1))
    return .constant(sums.norm, of: [sums])
  }

  /// Σ|x| or √Σx² over the windows.
  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    let window = pooling.window(for: Array(x.shape[2...]))
    if p == 1 { return abs(x).sumPool(window) }
    return sqrt(max((x * x).sumPool(window), Self.leastSquare))
  }
}
