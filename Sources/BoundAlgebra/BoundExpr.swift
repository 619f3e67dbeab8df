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

/// The spectral norm of a named linear operator, printed `σ(name)`.
public struct NormSymbol: Hashable, Sendable {
  /// The operator's name: a layer's, unique in the model.
  public let name: String
  /// Names an operator's norm.
  public init(_ name: String) { self.name = name }
}
