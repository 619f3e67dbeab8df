/// How much work the guaranteed norms of a network may take.
public enum NormEffort: Sendable, Hashable {
  /// What certificates deserve: seconds for large layers.
  case certificate
  /// Every norm tight where that takes at most `tight` operations in all; otherwise about `total`,
  /// then the cheap bound by row and column sums.
  case operations(Double, tight: Double)

  /// For `compile` on initial weights: tight for a network of a few layers, tens of milliseconds for
  /// one of a hundred.
  public static let quick = NormEffort.operations(4e7, tight: 1e9)
}

/// Which method bounds a block, by the cost each states.
///
/// A method asked for by name is used where it applies. Otherwise: a closed form, else Cholesky up to a
/// limit, else Fourier, else row and column sums.
struct MethodChoice {
  /// Beyond this many operations Cholesky gives way to a method that is less tight.
  private static let choleskyLimit = 8e9

  /// Operations that one block may take where they do not suffice for all.
  let share: Double

  /// A choice for a number of blocks that share the effort.
  init(_ effort: NormEffort, blocks: [any LinearBlock]) {
    switch effort {
    case .certificate:
      share = .infinity
    case .operations(let total, let tight):
      let costs = blocks.map { Self.standard($0).cost(of: $0) ?? 0 }
      let sum = costs.reduce(0, +)
      share = sum <= max(total, tight) ? .infinity : total / Double(max(costs.count, 1))
    }
  }

  /// The method for a block.
  func method(for block: any LinearBlock, named name: String?) -> any NormMethod {
    if let asked = Self.named(name), asked.cost(of: block) != nil { return asked }
    let best = Self.standard(block)
    return (best.cost(of: block) ?? 0) <= share ? best : cheap(block)
  }

  private func cheap(_ block: any LinearBlock) -> any NormMethod {
    let fourier = FourierMethod()
    if let cost = fourier.cost(of: block), cost <= share { return fourier }
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
