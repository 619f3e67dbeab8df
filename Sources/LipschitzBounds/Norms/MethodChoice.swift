/// How much work the guaranteed norms of a network may take.
public enum NormEffort: Sendable, Hashable {
  /// What certificates deserve: seconds for large layers.
  case certificate
  /// About this many operations in all, spent on the cheapest operators first; the others get the
  /// cheap bound by row and column sums.
  case operations(Double)

  /// For `compile` on initial weights, which bind nothing after training: about a second for up to 16
  /// operators, which makes the norms of a small convolutional network tight, and tens of milliseconds
  /// for a deeper one.
  public static func quick(operators count: Int) -> NormEffort {
    .operations(count <= 16 ? 4e9 : 8e7)
  }
}

/// Which method bounds a block, by the cost each states.
///
/// A method asked for by name is used where it applies. Otherwise: a closed form, else Cholesky up to a
/// limit, else Fourier, else row and column sums.
struct MethodChoice {
  /// Beyond this many operations Cholesky gives way to a method that is less tight.
  private static let choleskyLimit = 8e9

  /// The most operations that a block may take.
  let limit: Double

  /// A choice for one block that may take so many operations.
  init(limit: Double) { self.limit = limit }

  /// A choice for a number of blocks that share the effort.
  init(_ effort: NormEffort, blocks: [any LinearBlock]) {
    switch effort {
    case .certificate:
      limit = .infinity
    case .operations(let total):
      limit = Self.limit(total, costs: blocks.map(Self.leastCost).sorted())
    }
  }

  /// The cost of the dearest block that is still paid when the cheapest are served first and what is
  /// left is shared by the rest.
  private static func limit(_ total: Double, costs: [Double]) -> Double {
    var left = total
    for (index, cost) in costs.enumerated() {
      let share = left / Double(costs.count - index)
      if cost > share { return share }
      left -= cost
    }
    return max(left, costs.last ?? 0)
  }

  /// The cost of the cheapest tight method.
  private static func leastCost(_ block: any LinearBlock) -> Double {
    let best = standard(block).cost(of: block) ?? 0
    return min(best, FourierMethod().cost(of: block) ?? best)
  }

  /// The method for a block.
  func method(for block: any LinearBlock, named name: String?) -> any NormMethod {
    if let asked = Self.named(name), asked.cost(of: block) != nil { return asked }
    let best = Self.standard(block)
    return (best.cost(of: block) ?? 0) <= limit ? best : cheap(block)
  }

  private func cheap(_ block: any LinearBlock) -> any NormMethod {
    let fourier = FourierMethod()
    if let cost = fourier.cost(of: block), cost <= limit { return fourier }
    return SchurMethod()
  }

  /// The method where effort is no limit.
  private static func standard(_ block: any LinearBlock) -> any NormMethod {
    if ClosedFormMethod().cost(of: block) != nil { return ClosedFormMethod() }
    let cholesky = CholeskyMethod().cost(of: block) ?? .infinity
    if cholesky <= choleskyLimit { return CholeskyMethod() }
    if let cost = FourierMethod().cost(of: block), cost <= cholesky { return FourierMethod() }
    return cholesky <= 20 * choleskyLimit ? CholeskyMethod() : SchurMethod()
  }

  private static func named(_ name: String?) -> (any NormMethod)? {
    switch name {
    case CholeskyMethod.name: CholeskyMethod()
    case GramMethod.name: GramMethod()
    case FourierMethod.name: FourierMethod()
    default: nil
    }
  }
}
