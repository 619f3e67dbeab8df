/// A value of a graph under construction, with the operators of mathematics.
///
/// Every operator appends a node to the graph. Operands have equal types, except that a scalar is
/// broadcast to the type of the other operand and a number becomes a constant of that type. A mask
/// is a tensor of 0 and 1.
public struct Tensor {
  /// The graph that the value belongs to.
  public let builder: GraphBuilder
  /// The value's place in the graph.
  public let value: Value

  /// The type of the value.
  public var type: TensorType { builder.graph[value].type }
  /// The extent of each axis.
  public var shape: [Int] { type.shape }
  /// The number of axes.
  public var rank: Int { type.rank }

  /// A number in this tensor's type.
  public func constant(_ number: Double) -> Tensor { builder.constant(number, shape) }

  fileprivate func elementwise(_ function: Operation.Unary) -> Tensor {
    builder.apply(.unary(function), [self])
  }

  /// An elementwise operation on two tensors, of which a scalar one is broadcast.
  fileprivate func combined(_ operation: Operation, _ other: Tensor) -> Tensor {
    var (a, b) = (self, other)
    if a.type != b.type, a.rank == 0 { a = a.broadcast(to: b.shape, axes: []) }
    if a.type != b.type, b.rank == 0 { b = b.broadcast(to: a.shape, axes: []) }
    return builder.apply(operation, [a, b])
  }
}

extension Tensor {
  /// a + b.
  public static func + (a: Tensor, b: Tensor) -> Tensor { a.combined(.binary(.add), b) }
  /// a + b.
  public static func + (a: Tensor, b: Double) -> Tensor { a + a.constant(b) }
  /// a + b.
  public static func + (a: Double, b: Tensor) -> Tensor { b.constant(a) + b }
  /// a − b.
  public static func - (a: Tensor, b: Tensor) -> Tensor { a.combined(.binary(.subtract), b) }
  /// a − b.
  public static func - (a: Tensor, b: Double) -> Tensor { a - a.constant(b) }
  /// a − b.
  public static func - (a: Double, b: Tensor) -> Tensor { b.constant(a) - b }
  /// a · b, elementwise.
  public static func * (a: Tensor, b: Tensor) -> Tensor { a.combined(.binary(.multiply), b) }
  /// a · b.
  public static func * (a: Tensor, b: Double) -> Tensor { a * a.constant(b) }
  /// a · b.
  public static func * (a: Double, b: Tensor) -> Tensor { b.constant(a) * b }
  /// a / b, elementwise.
  public static func / (a: Tensor, b: Tensor) -> Tensor { a.combined(.binary(.divide), b) }
  /// a / b.
  public static func / (a: Tensor, b: Double) -> Tensor { a / a.constant(b) }
  /// a / b.
  public static func / (a: Double, b: Tensor) -> Tensor { b.constant(a) / b }
  /// −a.
  public static prefix func - (a: Tensor) -> Tensor { a.elementwise(.negate) }

  /// a ← a + b.
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  /// a ← a + b.
  public static func += (a: inout Tensor, b: Double) { a = a + b }
  /// a ← a − b.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  /// a ← a − b.
  public static func -= (a: inout Tensor, b: Double) { a = a - b }
  /// a ← a · b.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  /// a ← a · b.
  public static func *= (a: inout Tensor, b: Double) { a = a * b }
  /// a ← a / b.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }
  /// a ← a / b.
  public static func /= (a: inout Tensor, b: Double) { a = a / b }
}

/// Relations give 1 where they hold and 0 elsewhere.
extension Tensor {
  /// Where a is greater than b.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { a.combined(.compare(.greater), b) }
  /// Where a is greater than b.
  public static func .> (a: Tensor, b: Double) -> Tensor { a .> a.constant(b) }
  /// Where a is at least b.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor {
    a.combined(.compare(.greaterOrEqual), b)
  }
  /// Where a is at least b.
  public static func .>= (a: Tensor, b: Double) -> Tensor { a .>= a.constant(b) }
  /// Where a is less than b.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { a.combined(.compare(.less), b) }
  /// Where a is less than b.
  public static func .< (a: Tensor, b: Double) -> Tensor { a .< a.constant(b) }
  /// Where a is at most b.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor {
    a.combined(.compare(.lessOrEqual), b)
  }
  /// Where a is at most b.
  public static func .<= (a: Tensor, b: Double) -> Tensor { a .<= a.constant(b) }
  /// Where a equals b.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { a.combined(.compare(.equal), b) }
  /// Where a equals b.
  public static func .== (a: Tensor, b: Double) -> Tensor { a .== a.constant(b) }
}

extension Tensor {
  /// The sum over axes, all if none are given.
  public func sum(axes: [Int]? = nil) -> Tensor {
    builder.apply(.reduce(.sum, axes: axes ?? Array(0..<rank)), [self])
  }

  /// The maximum over axes, all if none are given.
  public func maximum(axes: [Int]? = nil) -> Tensor {
    builder.apply(.reduce(.maximum, axes: axes ?? Array(0..<rank)), [self])
  }

  /// The minimum over axes, all if none are given: −max(−x).
  public func minimum(axes: [Int]? = nil) -> Tensor { -(-self).maximum(axes: axes) }

  /// The sum over axes divided by the number of elements summed; over all axes if none are given.
  public func mean(axes: [Int]? = nil) -> Tensor {
    let count = (axes ?? Array(0..<rank)).reduce(1.0) { $0 * Double(shape[$1]) }
    return sum(axes: axes) / count
  }

  /// The Euclidean norm of all elements, a scalar; its derivative at 0 is 0 instead of NaN.
  public func euclideanNorm() -> Tensor {
    let total = (self * self).sum()
    let isPositive = total .> 0
    return select(isPositive, sqrt(select(isPositive, total, 1)), 0)
  }

  /// Every element moved into a range.
  public func clipped(to range: ClosedRange<Double>) -> Tensor {
    min(max(self, range.lowerBound), range.upperBound)
  }
}

extension Tensor {
  /// Axis i becomes axis `axes[i]` of the shape; the elements repeat along the others.
  public func broadcast(to shape: [Int], axes: [Int]) -> Tensor {
    builder.apply(.broadcast(axes: axes), [self], as: TensorType(shape))
  }

  /// Axis i becomes axis `axes[i]` of the other tensor; the elements repeat along the others.
  public func broadcast(like other: Tensor, axes: [Int]) -> Tensor {
    broadcast(to: other.shape, axes: axes)
  }

  /// The same elements in row-major order under another shape.
  public func reshaped(_ shape: [Int]) -> Tensor {
    shape == self.shape ? self : builder.apply(.reshape, [self], as: TensorType(shape))
  }

  /// Axis i of the result is axis `permutation[i]`.
  public func transposed(_ permutation: [Int]) -> Tensor {
    builder.apply(.transpose(permutation), [self])
  }

  /// The elements `starts..<limits` along each axis, by strides of 1 unless given.
  public func sliced(starts: [Int], limits: [Int], strides: [Int]? = nil) -> Tensor {
    let strides = strides ?? starts.map { _ in 1 }
    return builder.apply(.slice(starts: starts, limits: limits, strides: strides), [self])
  }

  /// The elements of a range along one axis.
  public func sliced(_ range: Range<Int>, axis: Int) -> Tensor {
    var (starts, limits) = (shape.map { _ in 0 }, shape)
    (starts[axis], limits[axis]) = (range.lowerBound, range.upperBound)
    return sliced(starts: starts, limits: limits)
  }

  /// Zeros around the elements, and between them if asked.
  public func padded(low: [Int], high: [Int], interior: [Int]? = nil) -> Tensor {
    let interior = interior ?? low.map { _ in 0 }
    return builder.apply(.pad(low: low, high: high, interior: interior), [self])
  }
}

extension Tensor {
  /// The matrix product, each matrix transposed first if asked.
  public func dot(
    _ other: Tensor, transposeLeft: Bool = false, transposeRight: Bool = false
  ) -> Tensor {
    builder.apply(
      .dot(transposeLeft: transposeLeft, transposeRight: transposeRight), [self, other])
  }

  /// The lower triangular L with L Lᵀ = (A + Aᵀ)/2 for this A, which must be positive definite.
  public func cholesky() -> Tensor { builder.apply(.cholesky, [self]) }

  /// L⁻¹ B, or L⁻ᵀ B, for this lower triangular L.
  public func solving(_ right: Tensor, transposed: Bool = false) -> Tensor {
    builder.apply(.triangularSolve(transposed: transposed), [self, right])
  }

  /// The elements of a square matrix on and below its diagonal, which is multiplied by a factor; 0
  /// above it.
  public func lowerTriangle(diagonal: Double = 1) -> Tensor {
    let places = builder.literal((0..<shape[0]).map(Double.init), [shape[0]])
    let (row, column) = (
      places.broadcast(like: self, axes: [0]), places.broadcast(like: self, axes: [1])
    )
    return select(row .> column, self, select(row .== column, self * diagonal, 0))
  }

  /// The cross-correlation with a filter.
  public func convolved(with filter: Tensor, _ window: ConvolutionWindow) -> Tensor {
    builder.apply(.convolution(window), [self, filter])
  }

  /// The sum over each window.
  public func sumPool(_ window: PoolWindow) -> Tensor { builder.apply(.sumPool(window), [self]) }

  /// The maximum over each window.
  public func maxPool(_ window: PoolWindow) -> Tensor {
    builder.apply(.maxPoolSelect(window), [self, self])
  }
}

/// eˣ.
public func exp(_ x: Tensor) -> Tensor { x.elementwise(.exp) }
/// The natural logarithm.
public func log(_ x: Tensor) -> Tensor { x.elementwise(.log) }
/// log(1 + x).
public func log1p(_ x: Tensor) -> Tensor { x.elementwise(.log1p) }
/// √x.
public func sqrt(_ x: Tensor) -> Tensor { x.elementwise(.sqrt) }
/// The hyperbolic tangent.
public func tanh(_ x: Tensor) -> Tensor { x.elementwise(.tanh) }
/// 1/(1 + e⁻ˣ).
public func logistic(_ x: Tensor) -> Tensor { x.elementwise(.logistic) }
/// The error function.
public func erf(_ x: Tensor) -> Tensor { x.elementwise(.erf) }
/// The nearest bfloat16 number, ties to even; the derivative counts as 1.
public func roundedToBFloat16(_ x: Tensor) -> Tensor { x.elementwise(.bfloat16) }
/// |x|.
public func abs(_ x: Tensor) -> Tensor { x.elementwise(.abs) }
/// −1, 0 or 1.
public func sign(_ x: Tensor) -> Tensor { x.elementwise(.sign) }

/// The larger; at a tie the derivative goes to b.
public func max(_ a: Tensor, _ b: Tensor) -> Tensor { a.combined(.binary(.maximum), b) }
/// The larger; at a tie the derivative of a is 0.
public func max(_ a: Tensor, _ b: Double) -> Tensor { max(a, a.constant(b)) }
/// The larger; at a tie the derivative goes to b.
public func max(_ a: Double, _ b: Tensor) -> Tensor { max(b.constant(a), b) }
/// The smaller; at a tie the derivative goes to b.
public func min(_ a: Tensor, _ b: Tensor) -> Tensor { a.combined(.binary(.minimum), b) }
/// The smaller; at a tie the derivative of a is 0.
public func min(_ a: Tensor, _ b: Double) -> Tensor { min(a, a.constant(b)) }
/// The smaller; at a tie the derivative goes to b.
public func min(_ a: Double, _ b: Tensor) -> Tensor { min(b.constant(a), b) }

/// a where the mask is not 0, else b; a scalar mask is broadcast.
public func select(_ mask: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
  let isScalar = mask.rank == 0 && a.rank > 0
  let mask = isScalar ? mask.broadcast(like: a, axes: []) : mask
  return mask.builder.apply(.select, [mask, a, b])
}
/// a where the mask is not 0, else b.
public func select(_ mask: Tensor, _ a: Tensor, _ b: Double) -> Tensor {
  select(mask, a, a.constant(b))
}
/// a where the mask is not 0, else b.
public func select(_ mask: Tensor, _ a: Double, _ b: Tensor) -> Tensor {
  select(mask, b.constant(a), b)
}

/// x, through which no derivative flows.
public func stopGradient(_ x: Tensor) -> Tensor { x.builder.apply(.stopGradient, [x]) }

/// A value with the derivative of another expression for it, such as one that costs less.
public func withDerivative(_ value: Tensor, of expression: Tensor) -> Tensor {
  value.builder.apply(.withDerivative, [value, expression])
}

/// Tensors side by side along an axis; at least one.
public func concatenate(_ tensors: [Tensor], axis: Int) -> Tensor {
  tensors[0].builder.apply(.concatenate(axis: axis), tensors)
}
