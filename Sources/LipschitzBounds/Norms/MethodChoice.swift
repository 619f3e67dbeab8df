/// How many operations the guaranteed norms of a network may take.
public enum NormEffort: Sendable, Hashable {
  /// For certificates: at most about ten seconds on two cores, and much less for all but large networks.
  case certificate
  /// About this many in all, used for the cheapest operators first; the others get the bound by row and
  /// column sums.
  case operations(Double)

  /// For `compile` on initial weights, whose bounds say nothing about the trained network: about ten
  /// milliseconds beside the passes over the weights.
  public static let quick = NormEffort.operations(8e7)
}

/// Chooses the method for a block by the costs that the methods state, in multiplications.
///
/// A method that the spec names is used if it applies. Otherwise the choice is a closed form, else
/// Cholesky up to a limit, else Fourier if that is much cheaper. If a block's share of the effort does not
/// suffice for it, Fourier is used if it does, else row and column sums.
struct MethodChoice {
  /// The multiplications for all blocks of a certificate.
  private static let certificateTotal = 1.6e11
  /// For more multiplications, Fourier replaces Cholesky, which is tighter, if it is so many times cheaper.
  static let (choleskyLimit, leastRatio) = (4e9, 4.0)

  /// The most operations for one block.
  let limit: Double

  init(limit: Double) { self.limit = limit }

  /// A choice for blocks that share the effort.
  init(_ effort: NormEffort, blocks: [any LinearBlock]) {
    limit =
      switch effort {
      case .certificate:
        Self.limit(Self.certificateTotal, costs: blocks.map(Self.cost).sorted())
      case .operations(let total):
        Self.limit(total, costs: blocks.map(Self.leastCost).sorted())
      }
  }

  /// The most operations for one block or operator, when the cheapest are bounded first and the rest
  /// share what is left.
  ///
  /// - Parameter costs: in ascending order.
  static func limit(_ total: Double, costs: [Double]) -> Double {
    var left = total
    for (index, cost) in costs.enumerated() {
      let share = left / Double(costs.count - index)
      if cost > share { return share }
      left -= cost
    }
    return max(left, costs.last ?? 0)
  }

  /// The cost of the preferred method.
  private static func cost(_ block: any LinearBlock) -> Double {
    standard(block).cost(of: block) ?? 0
  }

  /// The cost of the cheapest tight method.
  private static func leastCost(_ block: any LinearBlock) -> Double {
    let best = cost(block)
    return min(best, FourierMethod().cost(of: block) ?? best)
  }

  /// The method for a block.
  ///
  /// - Parameter name: that of the method that the spec asks for.
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

  /// The method for unlimited effort.
  private static func standard(_ block: any LinearBlock) -> any NormMethod {
    if ClosedFormMethod().cost(of: block) != nil { return ClosedFormMethod() }
    let cholesky = CholeskyMethod().cost(of: block) ?? .infinity
    if cholesky <= choleskyLimit { return CholeskyMethod() }
    let fourier = FourierMethod().cost(of: block) ?? .infinity
    return leastRatio * fourier <= cholesky ? FourierMethod() : CholeskyMethod()
  }

  private static func named(_ name: String?) -> (any NormMethod)? {
    OperatorNorms.methodTypes.first { $0.name == name }?.init()
  }
}
