import TensorGraph

extension Operation.Unary {
  /// The relative error of an engine's float32 result at its own argument, in units of u = 2⁻²⁴,
  /// where the result is a normal number; below it is off by at most 2⁻¹²⁶.
  ///
  /// What certificates require of an engine; `lmtc-bench functions` compares the embedded engine with
  /// it over every float32 number. Negation, magnitude and sign are exact and the root is rounded
  /// correctly.
  var executedAccuracy: Double {
    switch self {
    case .negate, .abs, .sign: 0
    case .sqrt: 1
    case .exp, .log, .log1p, .tanh, .logistic, .erf: 4
    }
  }
}
