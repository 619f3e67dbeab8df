/// The primitive operations: a closed set, switched over without `default`, so that the compiler
/// names every place that a new one must be handled.
///
/// Shapes are written N batch, C channels, H W space, M filters.
public enum Operation: Hashable, Sendable {
  /// A value fed from outside; declared in ``Graph/inputs``.
  case input(String)
  /// Every element has the same value.
  case splat(Double)
  /// A literal tensor in row-major order.
  case literal(Literal)
  /// Elementwise function of one operand.
  case unary(Unary)
  /// Elementwise function of two operands of equal type.
  case binary(Binary)
  /// 1 where the relation holds, else 0; operands of equal type.
  case compare(Comparison)
  /// Operands mask, a, b of equal type: a where the mask is not 0, else b.
  case select
  /// Operand axis i becomes result axis `axes[i]` (strictly increasing); the others repeat.
  case broadcast(axes: [Int])
  /// The same elements in row-major order under another shape.
  case reshape
  /// Result axis i is operand axis `permutation[i]`.
  case transpose([Int])
  /// Folds the given axes (increasing), which vanish.
  case reduce(Reduction, axes: [Int])
  /// Elements `starts..<limits` by `strides` along each axis.
  case slice(starts: [Int], limits: [Int], strides: [Int])
  /// Zeros around and between the elements: the adjoint of ``slice``.
  case pad(low: [Int], high: [Int], interior: [Int])
  /// Operands side by side along an axis.
  case concatenate(axis: Int)
  /// Matrix product of two matrices, each transposed first if asked: [I, K] · [K, J] → [I, J].
  case dot(transposeLeft: Bool, transposeRight: Bool)
  /// The lower triangular L with L Lᵀ = (A + Aᵀ)/2 for A [N, N]; NaN unless that is positive definite.
  case cholesky
  /// Operands L [N, N], B [N, K] → L⁻¹ B or L⁻ᵀ B; elements of L above its diagonal count as 0.
  case triangularSolve(transposed: Bool)
  /// Cross-correlation: x [N, C, H, W], filter [M, C/groups, kh, kw] → [N, M, H', W'].
  case convolution(ConvolutionWindow)
  /// Adjoint of ``convolution`` in x: dy [N, M, H', W'], filter → [N, C, H, W].
  case convolutionInputGradient(ConvolutionWindow)
  /// Adjoint of ``convolution`` in the filter: x, dy → [M, C/groups, kh, kw].
  case convolutionFilterGradient(ConvolutionWindow)
  /// Sum over each window: [N, C, H, W] → [N, C, H', W']; padding counts as 0.
  case sumPool(PoolWindow)
  /// Adjoint of ``sumPool``: [N, C, H', W'] → [N, C, H, W].
  case sumPoolGradient(PoolWindow)
  /// Operands x, t of equal type: in each window the element of t at the place of x's first maximum
  /// in row-major order. `maxPoolSelect(x, x)` is max pooling; padding never wins.
  case maxPoolSelect(PoolWindow)
  /// Adjoint of ``maxPoolSelect`` in t: operands x, dy → type of x.
  case maxPoolScatter(PoolWindow)
  /// Uniform numbers in [0, 1) given by (stream, the scalar operand, element index) alone: see
  /// ``CounterRandom``.
  case random(stream: UInt64)
  /// The identity, through which no derivative flows.
  case stopGradient
  /// The first of two operands of equal type, with the derivative of the second.
  case withDerivative

  /// Elementwise functions of one operand.
  ///
  /// `bfloat16` rounds to the nearest number of that format, ties to even. Its derivative counts as 1, and the
  /// derivatives of a product with operands that it rounds are products with rounded operands.
  public enum Unary: String, CaseIterable, Sendable {
    case negate, abs, sign, exp, log, log1p, sqrt, tanh, logistic, erf, bfloat16
  }
  /// Elementwise functions of two operands.
  ///
  /// At a tie the derivative of `maximum` and `minimum` goes to the second operand.
  public enum Binary: String, CaseIterable, Sendable {
    case add, subtract, multiply, divide, maximum, minimum
  }
  /// Relations.
  public enum Comparison: String, CaseIterable, Sendable {
    case less, lessOrEqual, greater, greaterOrEqual, equal
  }
  /// Folds.
  public enum Reduction: String, CaseIterable, Sendable {
    case sum, maximum
  }
}

/// A constant tensor's elements, row-major.
public struct Literal: Hashable, Sendable {
  /// The elements.
  public let elements: [Double]
  /// Wraps elements.
  public init(_ elements: [Double]) { self.elements = elements }
}

/// Geometry of a two-dimensional convolution; pairs are [height, width].
///
/// A one-dimensional one has height 1.
public struct ConvolutionWindow: Hashable, Sendable {
  /// Extent of the filter.
  public var kernel: [Int]
  /// Step between windows.
  public var strides: [Int]
  /// Zeros before the first element.
  public var paddingLow: [Int]
  /// Zeros after the last element.
  public var paddingHigh: [Int]
  /// Step between the filter's taps.
  public var dilations: [Int]
  /// Channel groups; divides C and M.
  public var groups: Int

  /// A window with every part given.
  public init(
    kernel: [Int], strides: [Int] = [1, 1], paddingLow: [Int] = [0, 0],
    paddingHigh: [Int] = [0, 0], dilations: [Int] = [1, 1], groups: Int = 1
  ) {
    self.kernel = kernel
    self.strides = strides
    self.paddingLow = paddingLow
    self.paddingHigh = paddingHigh
    self.dilations = dilations
    self.groups = groups
  }

  /// [H', W'] for an input of [H, W]; nil where the filter does not fit.
  public func outputExtent(_ extent: [Int]) -> [Int]? {
    var result: [Int] = []
    for axis in 0..<2 {
      let span = dilations[axis] * (kernel[axis] - 1) + 1
      let room = extent[axis] + paddingLow[axis] + paddingHigh[axis] - span
      guard room >= 0 else { return nil }
      result.append(room / strides[axis] + 1)
    }
    return result
  }
}

/// Geometry of a pooling window; pairs are [height, width].
public struct PoolWindow: Hashable, Sendable {
  /// Extent of the window.
  public var kernel: [Int]
  /// Step between windows.
  public var strides: [Int]
  /// Rows and columns outside before the first element.
  public var paddingLow: [Int]
  /// Rows and columns outside after the last element.
  public var paddingHigh: [Int]

  /// A window with every part given.
  public init(
    kernel: [Int], strides: [Int], paddingLow: [Int] = [0, 0], paddingHigh: [Int] = [0, 0]
  ) {
    self.kernel = kernel
    self.strides = strides
    self.paddingLow = paddingLow
    self.paddingHigh = paddingHigh
  }

  /// [H', W'] for an input of [H, W]; nil where the window does not fit.
  public func outputExtent(_ extent: [Int]) -> [Int]? {
    ConvolutionWindow(
      kernel: kernel, strides: strides, paddingLow: paddingLow, paddingHigh: paddingHigh
    ).outputExtent(extent)
  }
}
