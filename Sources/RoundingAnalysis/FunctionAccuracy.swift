import TensorGraph

extension Operation.Unary {
  /// Bounds the relative error of an engine's float32 result for its argument, in units of u = 2⁻²⁴, if the
  /// result is a normal number; for smaller results the absolute error is at most 2⁻¹²⁶.
  ///
  /// Certificates require this accuracy of an engine; `lmtc-bench functions` checks it for the embedded
  /// engine at every float32 number. Negation, magnitude and sign are exact, and the root is correctly
  /// rounded.
  var executedAccuracy: Double {
    switch self {
    case .negate, .abs, .sign: 0
    case .sqrt: 1
    case .exp, .log, .log1p, .tanh, .logistic, .erf: 4
    }
  }
}
