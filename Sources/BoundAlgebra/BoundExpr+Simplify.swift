extension BoundExpr {
  /// The Lipschitz constant of a constant map.
  public static let zero = BoundExpr.constant(.rational(0, 1))
  /// The Lipschitz constant of the identity.
  public static let one = BoundExpr.constant(.one)

  /// An equal expression in a normal form.
  ///
  /// Nested sums, products, roots of squares and minima are flattened; neutral elements and repeated
  /// choices are removed; a zero factor makes a product zero; closed constants are combined exactly,
  /// unless the result overflows, the rational first and the root last; a missing bound makes the whole
  /// expression unbounded, except in a minimum with other choices. Cost: linear in the expression's
  /// size.
  public func simplified() -> BoundExpr {
    fold { expression, parts in
      switch expression {
      case .constant(let constant): Self.normal(constant)
      case .norm, .unbounded: expression
      case .sum: Self.sum(of: parts)
      case .product: Self.product(of: parts)
      case .rootSumSquares: Self.rootSumSquares(of: parts)
      case .minimum: Self.minimum(of: parts)
      case .gradientStep: Self.gradientStep(of: parts[0])
      }
    }
  }

  private static func normal(_ constant: BoundConstant) -> BoundExpr {
    guard let exact = Surd(constant) else { return .constant(constant) }
    return product(constants: exact)
  }

  private static func product(constants exact: Surd) -> BoundExpr {
    if exact.isZero { return zero }
    let constants = exact.constants.map { BoundExpr.constant($0) }
    return constants.count == 1 ? constants[0] : constants.isEmpty ? one : .product(constants)
  }

  /// The exact value of a normal constant or product of normal constants.
  private var surd: Surd? {
    switch self {
    case .constant(let constant):
      return Surd(constant)
    case .product(let factors):
      var total: Surd? = .one
      for factor in factors {
        guard case .constant(let constant) = factor, let exact = Surd(constant) else {
          return nil
        }
        total = total?.times(exact)
      }
      return total
    case .norm, .sum, .rootSumSquares, .minimum, .gradientStep, .unbounded:
      return nil
    }
  }

  private static func firstUnbounded(_ parts: [BoundExpr]) -> BoundExpr? {
    parts.first { if case .unbounded = $0 { true } else { false } }
  }

  private static func product(of parts: [BoundExpr]) -> BoundExpr {
    if let unbounded = firstUnbounded(parts) { return unbounded }
    var exact = Surd.one
    var others: [BoundExpr] = []
    for part in parts {
      let factors = if case .product(let inner) = part { inner } else { [part] }
      for factor in factors {
        if let constant = factor.surd {
          if constant.isZero { return zero }
          if let product = exact.times(constant) {
            exact = product
            continue
          }
        }
        others.append(factor)
      }
    }
    let constants = exact.constants.map { BoundExpr.constant($0) }
    let roots = constants.filter { if case .constant(.squareRoot) = $0 { true } else { false } }
    let factors = constants.filter { !roots.contains($0) } + others + roots
    return factors.isEmpty ? one : factors.count == 1 ? factors[0] : .product(factors)
  }

  private static func sum(of parts: [BoundExpr]) -> BoundExpr {
    if let unbounded = firstUnbounded(parts) { return unbounded }
    var total = SmallRational.zero
    var others: [BoundExpr] = []
    for part in parts {
      let terms = if case .sum(let inner) = part { inner } else { [part] }
      for term in terms {
        if let constant = term.surd, constant.radicand == .one,
          let sum = total.plus(constant.coefficient)
        {
          total = sum
        } else {
          others.append(term)
        }
      }
    }
    if total != .zero { others.append(.constant(.rational(total.numerator, total.denominator))) }
    return others.isEmpty ? zero : others.count == 1 ? others[0] : .sum(others)
  }

  private static func rootSumSquares(of parts: [BoundExpr]) -> BoundExpr {
    if let unbounded = firstUnbounded(parts) { return unbounded }
    var squares = SmallRational.zero
    var others: [BoundExpr] = []
    for part in parts {
      let terms = if case .rootSumSquares(let inner) = part { inner } else { [part] }
      for term in terms {
        if let square = term.surd?.square, let sum = squares.plus(square) {
          squares = sum
        } else {
          others.append(term)
        }
      }
    }
    if squares != .zero { others.append(product(constants: Surd(rootOf: squares))) }
    if others.isEmpty { return zero }
    if others.count == 1 { return others[0] }
    if others.allSatisfy({ $0 == others[0] }) {
      return product(of: [others[0], .constant(.squareRoot(others.count, 1))])
    }
    return .rootSumSquares(others)
  }

  /// 1 for a constant that is at most 1.
  private static func gradientStep(of part: BoundExpr) -> BoundExpr {
    if case .unbounded = part { return part }
    if let square = part.surd?.square, square == .one || square.isLess(than: .one) == true {
      return one
    }
    return .gradientStep(part)
  }

  private static func minimum(of parts: [BoundExpr]) -> BoundExpr {
    var seen: Set<BoundExpr> = []
    var choices: [BoundExpr] = []
    var least: SmallRational?
    for part in parts {
      let inner = if case .minimum(let inner) = part { inner } else { [part] }
      for choice in inner where seen.insert(choice).inserted {
        if case .unbounded = choice { continue }
        if let constant = choice.surd, constant.radicand == .one {
          let isLess = least.map { constant.coefficient.isLess(than: $0) } ?? true
          if let isLess {
            if isLess { least = constant.coefficient }
            continue
          }
        }
        choices.append(choice)
      }
    }
    if let least { choices.append(.constant(.rational(least.numerator, least.denominator))) }
    if choices.isEmpty {
      return firstUnbounded(parts) ?? .unbounded(Unbounded("the minimum has no choices"))
    }
    return choices.count == 1 ? choices[0] : .minimum(choices)
  }
}
