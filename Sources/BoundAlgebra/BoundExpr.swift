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
  /// max(1, 2x² − 1): the constant of x − 2·Mᵀσ(M x + b), σ with slopes in [0, 1], from that of M.
  case gradientStep(BoundExpr)
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
    case .gradientStep(let norm): [norm]
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
      case .sum, .product, .rootSumSquares, .gradientStep: parts.flatMap(\.self)
      case .minimum: parts.contains { $0.isEmpty } ? [] : parts.flatMap(\.self)
      }
    }.filter { seen.insert($0).inserted }
  }

  /// The expression with symbols replaced by constants where there is one.
  public func replacing(_ constant: (NormSymbol) -> BoundConstant?) -> BoundExpr {
    substituting { constant($0).map { .constant($0) } }
  }

  /// The expression with symbols replaced by other expressions where there is one.
  public func substituting(_ replacement: (NormSymbol) -> BoundExpr?) -> BoundExpr {
    fold { expression, parts in
      switch expression {
      case .constant, .unbounded: expression
      case .norm(let symbol): replacement(symbol) ?? expression
      case .sum: .sum(parts)
      case .product: .product(parts)
      case .rootSumSquares: .rootSumSquares(parts)
      case .minimum: .minimum(parts)
      case .gradientStep: .gradientStep(parts[0])
      }
    }
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

/// A named quantity of an expression.
public struct NormSymbol: Hashable, Sendable {
  /// What is named.
  public enum Quantity: Hashable, Sendable {
    /// `σ(name)`: the spectral norm of a linear operator.
    case norm
    /// `K(name)`: the constant of a layer.
    case layer
    /// `L(name)`: the bound of the map from the network's input to a node, which has an expression of its
    /// own.
    case path
    /// `L`: the bound of the network.
    case network
    /// `δᵢⱼ(name)`: the distance of rows i and j of an operator.
    case rowDistance
    /// `‖wᵢ − wⱼ‖`: the distance of rows i and j of a final dense layer.
    case headDistance
    /// `Q(name)`: the constant of a chain of layers by quadratic constraints.
    case chain
    /// `Qᵢⱼ(name)`: the constant of a difference of two outputs of such a chain.
    case chainDifference

    /// `M(name)`: the constant of a part of the network by a multiplier for each neuron.
    case multipliers
    /// `Mᵢⱼ(name)`: the constant of a difference of two outputs of such a part.
    case multiplierDifference

    /// Whether it belongs to a pair of outputs.
    public var isOfPair: Bool {
      switch self {
      case .rowDistance, .headDistance, .chainDifference, .multiplierDifference: true
      case .norm, .layer, .path, .network, .chain, .multipliers: false
      }
    }
  }

  /// The name of the operator, layer, node or chain, unique in the model.
  public let name: String
  /// What is named.
  public let quantity: Quantity

  /// Names a quantity.
  public init(_ quantity: Quantity, _ name: String) {
    self.quantity = quantity
    self.name = name
  }

  /// Names an operator's norm.
  public init(_ name: String) { self.init(.norm, name) }

  /// Names the bound of the map from the input to a node.
  public init(pathTo name: String) { self.init(.path, name) }

  /// The bound of the network.
  public static let network = NormSymbol(.network, "")
}
