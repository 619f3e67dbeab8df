import Enclosure
import ModelIR

/// The factors of a diagonal map for given weights, in Double, with bounds on their errors.
struct DiagonalFactors {
  /// One for all elements or one for each channel; NaN for a factor that is not a real number.
  let values: [Double]
  /// Bounds exact factor/value from above, for every factor.
  let largestRatio: UpperBound
  /// Bounds exact factor/value from below, for every factor.
  let smallestRatio: LowerBound

  /// Constants and parameters are exact.
  ///
  /// γ/√(σ² + ε) is computed by a sum of float32 numbers, a root and a quotient, so its relative error is
  /// (1 + δ₁)^(−1/2)(1 + δ₂)/(1 + δ₃) − 1 with |δᵢ| ≤ 2⁻⁵³, at most 4·2⁻⁵³ in magnitude. Nothing
  /// underflows or overflows: if σ² + ε is positive, it lies between 2⁻¹⁴⁹ and 2¹²⁹.
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
