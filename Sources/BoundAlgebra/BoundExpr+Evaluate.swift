import Enclosure
import TensorGraph

extension BoundConstant {
  /// The constant rounded up.
  public var upper: UpperBound {
    switch self {
    case .rational(let numerator, let denominator): UpperBound(ratio: numerator, denominator)
    case .squareRoot(let numerator, let denominator):
      UpperBound(ratio: numerator, denominator).squareRoot()
    case .enclosed(_, _, let upper): upper
    }
  }

  /// The constant rounded down.
  public var lower: LowerBound {
    switch self {
    case .rational(let numerator, let denominator): LowerBound(ratio: numerator, denominator)
    case .squareRoot(let numerator, let denominator):
      LowerBound(ratio: numerator, denominator).squareRoot()
    case .enclosed(_, let lower, _): lower
    }
  }

  /// The constant to about the last digit, without a direction: for graphs, not for certificates.
  public var estimate: Double {
    switch self {
    case .rational(let numerator, let denominator): Double(numerator) / Double(denominator)
    case .squareRoot(let numerator, let denominator):
      (Double(numerator) / Double(denominator)).squareRoot()
    case .enclosed(_, let lower, let upper): upper.isFinite ? upper.value : lower.value
    }
  }
}

extension BoundExpr {
  /// The expression's value for upper bounds of the norms, rounded up.
  ///
  /// Every operation is monotone in every operand, so the result bounds the exact value of the
  /// expression. ``BoundExpr/unbounded(_:)`` is ∞, and so is 0 · ∞.
  public func evaluate(_ norms: (NormSymbol) -> UpperBound) -> UpperBound {
    fold { expression, parts in
      switch expression {
      case .constant(let constant): constant.upper
      case .norm(let symbol): norms(symbol)
      case .sum: parts.reduce(.zero, +)
      case .product: parts.reduce(.one, *)
      case .rootSumSquares: Self.rootSumSquares(parts)
      case .minimum: parts.min() ?? .infinity
      case .unbounded: .infinity
      }
    }
  }

  /// The expression's value for lower bounds of the norms, rounded down.
  ///
  /// This bounds the value of the expression, which itself is an upper bound of a Lipschitz constant:
  /// it shows what the rounding and the norm methods may have added, and bounds no network from below.
  public func evaluateLower(_ norms: (NormSymbol) -> LowerBound) -> LowerBound {
    fold { expression, parts in
      switch expression {
      case .constant(let constant): constant.lower
      case .norm(let symbol): norms(symbol)
      case .sum: parts.reduce(.zero, +)
      case .product: parts.reduce(.one, *)
      case .rootSumSquares:
        parts.count == 1 ? parts[0] : parts.map { $0 * $0 }.reduce(.zero, +).squareRoot()
      case .minimum: parts.min() ?? .zero
      case .unbounded: .zero
      }
    }
  }

  /// Appends the expression to a graph as a differentiable scalar, for training; without a direction.
  ///
  /// - Parameter norms: the scalar that stands for a norm; asked once per occurrence.
  public func lower(
    into builder: inout GraphBuilder, norms: (NormSymbol) -> Value
  ) -> Value {
    fold { expression, parts in
      switch expression {
      case .constant(let constant): return builder.splat(constant.estimate)
      case .norm(let symbol): return norms(symbol)
      case .sum: return builder.accumulate(.add, parts, empty: 0)
      case .product: return builder.accumulate(.multiply, parts, empty: 1)
      case .rootSumSquares: return builder.rootSumSquares(parts)
      case .minimum: return builder.accumulate(.minimum, parts, empty: .infinity)
      case .unbounded: return builder.splat(.infinity)
      }
    }
  }

  /// √Σ x², with the largest factored out so that squares neither overflow nor vanish.
  private static func rootSumSquares(_ parts: [UpperBound]) -> UpperBound {
    guard let largest = parts.max(), largest.value > 0, largest.isFinite else {
      return parts.max() ?? .zero
    }
    if parts.count == 1 { return largest }
    let scale = LowerBound(proven: largest.value)
    let ratios = parts.map { $0 / scale }
    return largest * ratios.map { $0 * $0 }.reduce(.zero, +).squareRoot()
  }
}

extension GraphBuilder {
  fileprivate mutating func accumulate(
    _ operation: TensorGraph.Operation.Binary, _ parts: [Value], empty: Double
  ) -> Value {
    guard var result = parts.first else { return splat(empty) }
    for part in parts.dropFirst() { result = binary(operation, result, part) }
    return result
  }

  /// √Σ x² of scalars, with derivative 0 where all are 0.
  fileprivate mutating func rootSumSquares(_ parts: [Value]) -> Value {
    if parts.count == 1 { return parts[0] }
    let rows = parts.map { reshape($0, [1]) }
    guard !rows.isEmpty else { return splat(0) }
    let stacked = apply(.concatenate(axis: 0), rows)
    return euclideanNorm(stacked)
  }
}
