import Diagnostics

extension BoundExpr {
  /// The direct parts, in order; empty for leaves.
  public var operands: [BoundExpr] {
    switch self {
    case .constant, .norm, .unbounded: []
    case .sum(let terms): terms
    case .product(let factors): factors
    case .rootSumSquares(let terms): terms
    case .minimum(let choices): choices
    }
  }

  /// Folds the expression from its leaves up, without recursion, so that depth is no limit.
  ///
  /// - Parameter combine: an expression and the results of its ``operands``, in order.
  public func fold<Result>(_ combine: (BoundExpr, [Result]) -> Result) -> Result {
    var pending: [(expression: BoundExpr, isOpen: Bool)] = [(self, false)]
    var results: [Result] = []
    while let (expression, isOpen) = pending.popLast() {
      let operands = expression.operands
      if isOpen || operands.isEmpty {
        let parts = Array(results.suffix(operands.count))
        results.removeLast(operands.count)
        results.append(combine(expression, parts))
      } else {
        pending.append((expression, true))
        for operand in operands.reversed() { pending.append((operand, false)) }
      }
    }
    return results[0]
  }

  /// Every norm that occurs, once, in order of first occurrence.
  public var symbols: [NormSymbol] {
    var seen: Set<NormSymbol> = []
    var found: [NormSymbol] = []
    visitLeaves { leaf in
      if case .norm(let symbol) = leaf, seen.insert(symbol).inserted { found.append(symbol) }
    }
    return found
  }

  /// Why the expression has no finite value, in order; those that a minimum avoids do not count.
  public var unboundedCauses: [Unbounded] {
    var seen: Set<Unbounded> = []
    return fold { (expression, parts: [[Unbounded]]) in
      switch expression {
      case .constant, .norm: []
      case .unbounded(let cause): [cause]
      case .sum, .product, .rootSumSquares: parts.flatMap(\.self)
      case .minimum: parts.contains { $0.isEmpty } ? [] : parts.flatMap(\.self)
      }
    }.filter { seen.insert($0).inserted }
  }

  /// Whether a finite bound is known.
  public var isBounded: Bool { unboundedCauses.isEmpty }

  private func visitLeaves(_ visit: (BoundExpr) -> Void) {
    var pending = [self]
    while let expression = pending.popLast() {
      let operands = expression.operands
      if operands.isEmpty { visit(expression) }
      pending.append(contentsOf: operands.reversed())
    }
  }
}
