import Enclosure
import MatrixProducts

/// The constants of a ``NeuronForm`` that given multipliers prove.
///
/// Suppose λ ≥ 0 and that
///
///     ⎡ I       −WₛᵀΛ             Cₛᵀ ⎤
///     ⎢ −ΛWₛ    2Λ − ΛWᵤ − WᵤᵀΛ   Cᵤᵀ ⎥ ⪰ 0
///     ⎣ Cₛ      Cᵤ                A   ⎦
///
/// where Δz = WₛΔs + WᵤΔu and Δy = CₛΔs + CᵤΔu. At (Δs, Δu, −tx) the form gives
/// ‖Δs‖² + 2ΔuᵀΛ(Δu − Δz) − 2t xᵀΔy + t²xᵀAx ≥ 0, and its second term is at most 0, so (xᵀΔy)² ≤ xᵀAx·‖Δs‖² for
/// every x. ``BorderedForm`` eliminates Δs, and a Cholesky factorization shows that the rest is positive
/// semidefinite (``PositiveDefiniteness``). Proofs in `docs/soundness.md`. Cost: about (n + outputs)³ operations.
struct MultiplierBound: Sendable {
  /// For each neuron.
  let multipliers: [Double]
  /// Bounds the form's constant.
  let norm: UpperBound
  /// Bounds the differences of two outputs, [outputs, outputs] row-major.
  let differences: [UpperBound]

  private static let attempts = 8
  /// The matrix is shown to be positive definite by more than its own errors take, so that a checker whose errors
  /// add up to more can show it as well.
  private static let (room, leastMargin) = (64.0, 0x1p-36)

  /// Nil if the multipliers do not prove a constant.
  ///
  /// - Parameter square: about the square of the constant that they prove.
  init?(
    _ form: NeuronForm, _ rows: ReadingRows, multipliers: [Double], square: Double,
    _ workers: Workers
  ) {
    guard multipliers.allSatisfy({ $0 > 0 && $0.isFinite }), square > 0, square.isFinite else {
      return nil
    }
    var bordered = BorderedForm(form, rows, multipliers, square: square)
    guard bordered.error.isFinite else { return nil }
    var workspace: [Double] = []
    bordered.setOutputs(times: 4)
    guard bordered.factorizes(&workspace, margin: 0, workers) else { return nil }
    let estimate = bordered.outputSquare(fromFactor: workspace, workers)
    var shift = 0.0
    for _ in 0..<Self.attempts {
      bordered.setOutputs(estimate, plus: shift)
      let margin =
        Self.room * (bordered.error.value + 2 * bordered.slack(at: 0)) + Self.leastMargin
      if shift > 0, bordered.error.value + bordered.slack(at: margin) <= margin,
        bordered.factorizes(&workspace, margin: margin, workers)
      {
        self.multipliers = multipliers
        (norm, differences) = bordered.constants(&workspace, workers)
        return
      }
      shift = shift == 0 ? 4 * margin : shift * 8
    }
    return nil
  }
}
