import RealModule

/// Elementwise functions in Double.

extension Operation.Unary {
  /// The function of one element; NaN stays NaN.
  public func evaluate(_ x: Double) -> Double {
    switch self {
    case .negate: -x
    case .abs: Swift.abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .exp: .exp(x)
    case .log: .log(x)
    case .log1p: .log(onePlus: x)
    case .sqrt: x.squareRoot()
    case .tanh: .tanh(x)
    case .logistic: x >= 0 ? 1 / (1 + .exp(-x)) : .exp(x) / (1 + .exp(x))
    case .erf: .erf(x)
    case .bfloat16: x.roundedToBFloat16
    }
  }
}

extension Double {
  /// The nearest number with 8 significant bits and the exponents of float32, ties to even.
  public var roundedToBFloat16: Double {
    guard isFinite, self != 0 else { return self }
    let unit = Double(sign: .plus, exponent: Swift.max(exponent, -126) - 7, significand: 1)
    let rounded = (self / unit).rounded(.toNearestOrEven) * unit
    return Swift.abs(rounded) < 0x1p128 ? rounded : Double(signOf: self, magnitudeOf: .infinity)
  }
}

extension Operation.Binary {
  /// The function of two elements; `maximum` and `minimum` are NaN if either operand is.
  public func evaluate(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: a > b || a.isNaN ? a : b
    case .minimum: a < b || a.isNaN ? a : b
    }
  }
}

extension Operation.Comparison {
  /// Whether the relation holds; never with NaN.
  public func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    case .equal: a == b
    }
  }
}
