import BoundAlgebra
import Compiler
import Enclosure
import LipschitzBounds
import ModelIR

/// The factor of the weights that training starts from, for which the network's bound leaves room for margins.
///
/// All free matrices and filters are multiplied by the same factor s, which gives the network's bound
/// by the product rule a given value. That of a chain falls with a power of s, and a residual block's
/// 1 + s·‖A‖ comes close to 1. No data is needed.
struct InitialScale {
  /// Without a number in the spec: bounds above `most` are brought to `start`.
  private static let (most, start) = (1000.0, 10.0)
  private static let factors = 0x1p-20...0x1p20

  private let bound: BoundExpr
  private let norms: OperatorNorms
  private let constraints: [NormSymbol: NormConstraint]
  private let scaled: Set<NormSymbol>
  private let wanted: Double?
  /// The full names of the weights to be multiplied.
  let weights: Set<String>

  /// Nil where the spec asks for nothing and the loss uses no bound, or where there is no free weight.
  ///
  /// - Parameter elements: the elements of a parameter or statistic by full name.
  init?(_ compilation: Compilation, elements: (String) -> [Float]) {
    guard let train = compilation.spec.train, compilation.bounds.network.unboundedCauses.isEmpty
    else { return nil }
    wanted = train.initialLipschitz
    let hasStatistics = compilation.model.parameters.contains { $1.role == .statistic }
    guard wanted != nil || (train.loss.value.marginWeight != nil && !hasStatistics) else {
      return nil
    }
    weights = compilation.bounds.freeWeights
    guard !weights.isEmpty else { return nil }
    let free = compilation.bounds.operators.filter { $0.constraint == nil }
    scaled = Set(free.filter { $0.weight != nil }.map { NormSymbol($0.name) })
    norms = OperatorNorms(operators: free, effort: .quick, weights: elements)
    (bound, constraints) = (compilation.bounds.network, compilation.bounds.constraints)
  }

  /// The factor; nil if the weights stay as they are, or if no factor gives the bound.
  var factor: Float? {
    let target = wanted ?? Self.start
    guard wanted != nil || value(at: 1) > Self.most else { return nil }
    var (low, high) = (Self.factors.lowerBound, Self.factors.upperBound)
    guard value(at: low) <= target, value(at: high) >= target else { return nil }
    for _ in 0..<40 {
      let middle = (low * high).squareRoot()
      if value(at: middle) <= target { low = middle } else { high = middle }
    }
    return Float(low)
  }

  /// The network's bound by the product rule for weights multiplied by s.
  private func value(at s: Double) -> Double {
    bound.evaluate { symbol in
      if let constraint = constraints[symbol] { return constraint.constant.upper }
      let norm = norms.upper(symbol)
      return scaled.contains(symbol) ? norm * UpperBound(proven: s) : norm
    }.value
  }
}
