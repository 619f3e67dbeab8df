import BoundAlgebra
import Enclosure
import ModelIR

/// An elementwise function φ written as φ(z) = μz + ψ(z), where the difference quotients of ψ have
/// magnitudes of at most `radius`.
///
/// If the quotients of φ lie in [α, β], those of φ(z) − μz lie in [α − μ, β − μ] for every μ. The middle of
/// [α, β] gives the least radius, (β − α)/2 (Fazlyab et al. 2023, for ReLU).
struct ActivationSplit: Hashable, Sendable {
  /// μ, a Double near (α + β)/2.
  let middle: Double
  /// At least β − μ and μ − α.
  let radius: BoundConstant

  /// Nil if the split gains nothing, since μ or the remainder would be 0, or if the slopes are not
  /// bounded.
  init?(_ slopes: Slopes) {
    let top = slopes.positive.estimate
    let bottom =
      slopes.leastPositive.lower.value > 0
      ? slopes.leastPositive.estimate : -slopes.negative.estimate
    // With few digits, products of middles remain exact.
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
      // A float32 number, which its decimals state.
      let rounded = Float(size)
      let stored = Double(rounded) < size ? rounded.nextUp : rounded
      guard stored.isFinite, stored >= 0 else { return nil }
      radius = .magnitude(Double(stored))
    }
  }
}
