import Diagnostics

/// A symbolic upper bound on a Lipschitz constant (ℓ2 to ℓ2).
///
/// An expression is used in two ways: it is evaluated to an `UpperBound` with outward rounding, for
/// certificates, and lowered to a differentiable graph, for training.
public indirect enum BoundExpr: Hashable, Sendable {
  /// A number known before training.
  case constant(BoundConstant)
  /// The spectral norm of a linear operator whose weights are free.
  case norm(NormSymbol)
  /// Σ of the terms: addition of branches.
  case sum([BoundExpr])
  /// Π of the factors: composition.
  case product([BoundExpr])
  /// √Σ of the squares: concatenation.
  case rootSumSquares([BoundExpr])
  /// The minimum of several valid bounds on the same map.
  case minimum([BoundExpr])
  /// No finite bound is known, and why; makes every expression but a minimum unbounded.
  case unbounded(Unbounded)

  /// A missing bound and its cause.
  public struct Unbounded: Hashable, Sendable {
    /// Why there is no finite constant, one phrase.
    public let reason: String
    /// The layer in the spec.
    public let span: Span?
    /// States a cause.
    public init(_ reason: String, at span: Span? = nil) {
      self.reason = reason
      self.span = span
    }
  }
}

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

  /// Folds the expression from its leaves up, without recursion, so that its depth is not limited.
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

  /// Why the expression has no finite value, in order; causes that a minimum avoids are left out.
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

  private func visitLeaves(_ visit: (BoundExpr) -> Void) {
    var pending = [self]
    while let expression = pending.popLast() {
      let operands = expression.operands
      if operands.isEmpty { visit(expression) }
      pending.append(contentsOf: operands.reversed())
    }
  }
}

/// A named quantity of an expression: the spectral norm of a linear operator, printed `σ(name)`, or the
/// bound of the map from the network's input to a node, printed `L(name)`; the distance of two rows of
/// an operator, `δᵢⱼ(name)`; or the constant of a chain of layers as a whole, `Q(name)`.
public struct NormSymbol: Hashable, Sendable {
  /// What is named.
  public enum Quantity: Hashable, Sendable {
    /// The norm of an operator.
    case norm
    /// The bound of a node, which has an expression of its own.
    case path
    /// The distance of two rows i and j of an operator.
    case rowDistance
    /// The constant of a chain of layers by quadratic constraints.
    case chain
  }

  /// The operator's or the node's name, unique in the model.
  public let name: String
  /// What is named.
  public let quantity: Quantity

  /// Names an operator's norm.
  public init(_ name: String) {
    self.name = name
    quantity = .norm
  }

  /// Names the distance of two rows.
  public init(rowsOf name: String) {
    self.name = name
    quantity = .rowDistance
  }

  /// Names the constant of a chain of layers.
  public init(chain name: String) {
    self.name = name
    quantity = .chain
  }

  /// Names the bound of the map from the input to a node.
  public init(pathTo name: String) {
    self.name = name
    quantity = .path
  }
}
