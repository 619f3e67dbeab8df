import BoundAlgebra
import Enclosure
import ModelIR

/// An elementwise function φ written as μz + ψ(z): μ a Double, ψ elementwise with difference quotients of
/// magnitude at most `radius`.
///
/// For quotients in [α, β], φ(z) − μz has them in [α − μ, β − μ], whatever μ is; the middle gives the
/// least radius, (β − α)/2 (Fazlyab et al. 2023, for ReLU).
struct Split: Hashable, Sendable {
  let middle: Double
  let radius: BoundConstant

  /// Nil where the split cannot pay: without a middle line, or without a remainder.
  init?(_ slopes: Slopes) {
    let top = slopes.positive.estimate
    let bottom =
      slopes.leastPositive.lower.value > 0
      ? slopes.leastPositive.estimate : -slopes.negative.estimate
    // Few digits, so that products of middles stay exact.
    let middle = Double(Float((top + bottom) / 2))
    guard middle != 0, middle.isFinite, top.isFinite, bottom < top else { return nil }
    self.middle = middle
    if case .rational(1, 1) = slopes.positive, bottom == 0 {
      radius = .rational(1, 2)
    } else {
      let above = DirectedRounding.addUp(slopes.positive.upper.value, -middle)
      let least =
        slopes.leastPositive.lower.value > 0
        ? slopes.leastPositive.lower.value : -slopes.negative.upper.value
      let below = DirectedRounding.addUp(middle, -least)
      let size = max(above, below)
      guard size.isFinite, size >= 0 else { return nil }
      radius = .magnitude(size)
    }
  }
}
