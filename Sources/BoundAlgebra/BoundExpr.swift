import Diagnostics

/// A symbolic upper bound on a Lipschitz constant (ℓ2 to ℓ2).
///
/// One expression, two readings: evaluation to an `UpperBound` with outward rounding, for
/// certificates, and lowering to a differentiable graph, for training.
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
  /// The least: several valid bounds of the same map.
  case minimum([BoundExpr])
  /// No finite bound is known, and why; absorbs everything but a minimum.
  case unbounded(Unbounded)

  /// A missing bound and its cause.
  public struct Unbounded: Hashable, Sendable {
    /// One phrase: why there is no finite constant.
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
