import Enclosure
import TensorGraph

extension BoundExpr {
  /// The expression's value for upper bounds of the norms, rounded up.
  ///
  /// Every operation is monotone in every operand, so the result bounds the exact value of the
  /// expression. ``BoundExpr/unbounded(_:)`` is ∞, and so is 0 · ∞.
  public func evaluate(_ norms: (NormSymbol) -> UpperBound) -> UpperBound {
    fold { expression, parts in expression.value(parts, norms) }
  }

  /// ``evaluate(_:)`` for many cases at once, such as the pairs of outputs.
  ///
  /// - Parameter norms: a bound for each case, or one for all of them.
  /// - Returns: a value for each case, or one if no part depends on the case.
  public func evaluateEach(_ norms: (NormSymbol) -> [UpperBound]) -> [UpperBound] {
    fold { (expression, parts: [[UpperBound]]) in
      if case .norm(let symbol) = expression { return norms(symbol) }
      let count = parts.map(\.count).max() ?? 1
      return (0..<count).map { index in
        expression.value(parts.map { $0.count == 1 ? $0[0] : $0[index] }) { _ in .infinity }
      }
    }
  }

  /// The value from those of the operands.
  private func value(
    _ parts: [UpperBound], _ norms: (NormSymbol) -> UpperBound
  ) -> UpperBound {
    switch self {
    case .constant(let constant): constant.upper
    case .norm(let symbol): norms(symbol)
    case .sum: parts.reduce(.zero, +)
    case .product: parts.reduce(.one, *)
    case .rootSumSquares: Self.rootSumSquares(parts)
    case .minimum: parts.min() ?? .infinity
    case .gradientStep: Self.gradientStep(parts[0])
    case .unbounded: .infinity
    }
  }

  /// The expression's value for lower bounds of the norms, rounded down.
  ///
  /// This bounds the value of the expression, which itself is an upper bound of a Lipschitz constant:
  /// it shows how much rounding and the norm methods may add, and is not a lower bound for the network.
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
      case .gradientStep:
        max(.one, (parts[0] * parts[0] + parts[0] * parts[0]).reduced(by: .one))
      case .unbounded: .zero
      }
    }
  }

  /// The expression as a differentiable scalar of a graph, for training; rounded to nearest.
  ///
  /// - Parameter norms: the scalar of a norm; called once per occurrence.
  public func lower(into builder: GraphBuilder, norms: (NormSymbol) -> Tensor) -> Tensor {
    fold { expression, parts in
      switch expression {
      case .constant(let constant): builder.constant(constant.estimate)
      case .norm(let symbol): norms(symbol)
      case .sum: parts.combined(+) ?? builder.constant(0)
      case .product: parts.combined(*) ?? builder.constant(1)
      case .rootSumSquares: parts.rootSumSquares() ?? builder.constant(0)
      case .minimum: parts.combined(min) ?? builder.constant(.infinity)
      case .gradientStep: max(parts[0] * parts[0] * 2 - 1, 1)
      case .unbounded: builder.constant(.infinity)
      }
    }
  }

  /// max(1, 2x² − 1).
  private static func gradientStep(_ norm: UpperBound) -> UpperBound {
    let square = norm * norm + norm * norm
    return max(.one, UpperBound(proven: DirectedRounding.addUp(max(square, .one).value, -1)))
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

extension [Tensor] {
  fileprivate func combined(_ operation: (Tensor, Tensor) -> Tensor) -> Tensor? {
    first.map { dropFirst().reduce($0, operation) }
  }

  /// √Σ x² of scalars, with derivative 0 where all are 0.
  fileprivate func rootSumSquares() -> Tensor? {
    count < 2 ? first : concatenate(map { $0.reshaped([1]) }, axis: 0).euclideanNorm()
  }
}
