import Enclosure
import ModelIR

/// The factors of a diagonal map for given weights, in Double, and how far they may be from the exact
/// ones.
struct StoredFactors {
  /// One for all elements or one a channel; NaN where a factor is not a real number.
  let values: [Double]
  /// Bounds exact/value from above, for every factor.
  let largestRatio: UpperBound
  /// Bounds exact/value from below.
  let smallestRatio: LowerBound

  /// Constants and parameters are exact.
  ///
  /// γ/√(σ² + ε) is one sum of float32 numbers, one root and one quotient: (1 + δ₁)^(−1/2)(1 + δ₂)/(1 + δ₃)
  /// with |δᵢ| ≤ 2⁻⁵³, within a relative 4·2⁻⁵³. Nothing under- or overflows: σ² + ε lies between
  /// 2⁻¹⁴⁹ and 2¹²⁹ where it is positive.
  init(_ factors: ChannelFactors, weights: (String) -> [Float]) {
    switch factors {
    case .constants(let values):
      self.values = values
      (largestRatio, smallestRatio) = (.one, .one)
    case .parameter(let name):
      values = weights(name).map(Double.init)
      (largestRatio, smallestRatio) = (.one, .one)
    case .parameterAndOne(let name):
      values = weights(name).map(Double.init) + [1]
      (largestRatio, smallestRatio) = (.one, .one)
    case .normalization(let scale, let variance, let epsilon):
      let variances = weights(variance).map { Double($0) + epsilon }
      let gammas = scale.map { weights($0).map(Double.init) } ?? variances.map { _ in 1 }
      values = zip(gammas, variances).map { $1 > 0 ? $0 / $1.squareRoot() : .nan }
      let error = AccumulatedError.gamma(4)
      (largestRatio, smallestRatio) = (.one + error, .one.reduced(by: error))
    }
  }
}
