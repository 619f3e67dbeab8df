import BoundAlgebra
import Diagnostics

/// What a layer may ask for when it states its bound.
public struct LayerBoundContext: Sendable {
  /// The layer's name in the model.
  public let name: String
  /// The input shapes, without batch.
  public let inputs: [[Int]]
  /// The layer's place in the spec.
  public let span: Span?
  /// Collects the facts.
  public init(name: String, inputs: [[Int]], span: Span? = nil) {
    self.name = name
    self.inputs = inputs
    self.span = span
  }
  /// The full name of one of the layer's parameters.
  public func parameter(_ suffix: String) -> String { "\(name).\(suffix)" }
}

/// How a layer enters the bound of the network.
public enum LayerBound: Hashable, Sendable {
  /// A linear (affine) map: its spectral norm.
  case linear(LinearOperator)
  /// An elementwise function with all difference quotients in [lowest, highest].
  case elementwise(Slopes)
  /// Any other function of one input with this constant, which may name the norms of operators.
  case constant(BoundExpr, of: [LinearOperator] = [])
  /// Maxima and minima of elements of one input, none of which is used twice: constant 1.
  case comparisons(Comparisons)
  /// The sum of the inputs.
  case addition
  /// The inputs side by side.
  case concatenation
  /// No finite constant, and why.
  case unbounded(String)
}

/// The range [−negative, positive] of an elementwise function's difference quotients.
///
/// The function's Lipschitz constant is the larger of the two magnitudes.
public struct Slopes: Hashable, Sendable {
  /// The magnitude of the most negative slope, 0 for a monotone function.
  public let negative: BoundConstant
  /// The largest slope.
  public let positive: BoundConstant
  /// A least slope above 0 where there is one, such as leaky ReLU's; 0 otherwise.
  public let leastPositive: BoundConstant
  /// A range of slopes.
  public init(
    negative: BoundConstant = .rational(0, 1), positive: BoundConstant,
    leastPositive: BoundConstant = .rational(0, 1)
  ) {
    self.negative = negative
    self.positive = positive
    self.leastPositive = leastPositive
  }
}
