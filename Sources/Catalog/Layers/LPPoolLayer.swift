import BoundAlgebra
import ModelIR
import TensorGraph

/// The norm of each window of a channel: Σ|x| or √Σx² over the window; padding counts as zeros.
///
/// With p = 2 the root is taken of no less than 2⁻¹⁰⁰, so that it has a derivative everywhere: windows
/// whose norm is below 2⁻⁵⁰ give 2⁻⁵⁰.
///
/// - Shapes: [C, H, W] → [C, H′, W′] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1, or ⌈H/s⌉ for
///   `padding: same`.
/// - Bound: for p = 2 the constant √n, n the largest number of windows that hold one element: a norm is
///   1-Lipschitz, so is a maximum with a number, and n windows count an element's change at most n times
///   in the square; an element that is alone in all its windows reaches it. For p = 1 the norm of the
///   operator S that sums over windows: |f(x) − f(y)| ≤ S|x − y| elementwise, with equality between
///   non-negative images x ≥ y.
/// - Cost: one pass over the windows.
/// - Reference: Gulcehre et al. 2014 (learnt p); the bounds as above.
public struct LPPoolLayer: Layer {
  private static let p = SpecKey<Int>(
    "p", default: 2, "the norm's exponent", .init("1 or 2") { (1...2).contains($0) })
  /// Squares of norms below this one give its root.
  private static let leastSquare = 0x1p-100

  /// The name in a spec.
  public static let kind = "lp_pool"
  /// The keys.
  public static let keys = Pooling.keys + [p.description]
  /// `lp_pool: 2`.
  public static let mainKey: String? = "kernel"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{kernel: 2}", inputs: [[2, 4, 4]]),
    LayerExample("{kernel: 3, stride: 2, padding: 1}", inputs: [[1, 5, 5]]),
    LayerExample("{kernel: [3, 2], stride: 1, p: 1}", inputs: [[2, 4, 3]]),
    LayerExample("{kernel: 2, p: 1}", inputs: [[1, 4, 4]]),
    LayerExample("{kernel: 1, p: 1}", inputs: [[1, 2, 2]]),
  ]

  private let pooling: Pooling
  private let p: Int

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let pooling = Pooling(from: &reader)
    let p = reader.read(Self.p)
    guard let pooling, let p else { return nil }
    self.pooling = pooling
    self.p = p
  }

  /// [C, H′, W′] for an image.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try pooling.outputShape(of: inputs)
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  /// √n or the norm of the sums.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let input = context.inputs[0]
    let window = pooling.window(for: Array(input[1...]))
    guard p == 1 else {
      return .constant(.constant(.squareRoot(window.largestOverlap(in: Array(input[1...])), 1)))
    }
    let sums = LinearOperator(
      name: context.name, form: .sumPool(window: window, input: input, factor: 1))
    return .constant(sums.norm, of: [sums])
  }

  /// The windows' sums of magnitudes, or the roots of their sums of squares.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let window = pooling.window(for: Array(context.builder.shape(x)[2...]))
    let powers = p == 1 ? context.builder.unary(.abs, x) : context.builder.multiply(x, x)
    let sums = context.builder.apply(.sumPool(window), [powers])
    if p == 1 { return sums }
    let least = context.builder.splat(Self.leastSquare, like: sums)
    return context.builder.unary(.sqrt, context.builder.maximum(sums, least))
  }
}
