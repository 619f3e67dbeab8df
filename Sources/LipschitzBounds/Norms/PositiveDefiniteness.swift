import Enclosure
import MatrixProducts

/// Upper bounds on the largest eigenvalue of a symmetric matrix, certified by a floating-point
/// Cholesky factorization that runs to completion.
///
/// If the factorization of the computed M̂ = fl(tI − G) completes, then M̂ + Δ = R̂ᵀR̂ is positive
/// semidefinite for a Δ with |Δᵢⱼ| ≤ γ/(1 − γ) √(m̂ᵢᵢ m̂ⱼⱼ), γ = γ_{b+2} for bandwidth b (Demmel;
/// Higham, Accuracy and Stability, 2nd ed., Thm 10.5; Rump 2006, "Verification of positive
/// definiteness", Thm 2.3). Hence λ_max(G) ≤ t + ‖Δ‖ + ‖M̂ − (tI − G)‖. ‖Δ‖ is at most γ/(1 − γ) times
/// the trace, and at most γ/(1 − γ) times (2b + 1) max m̂ᵢᵢ. Only the positivity of the pivots is checked;
/// nothing is assumed about t.
enum PositiveDefiniteness {
  /// How far above t the largest eigenvalue may lie if the factorization of tI − G runs to completion.
  ///
  /// Entries of G should lie below about 2⁵⁰⁰. Fewer than 2⁶⁴ products underflow, each with an error of at
  /// most 2⁻¹⁰⁷⁴ times the root of a pivot; 2⁻⁹⁰⁰ covers these errors.
  static func slack(_ t: Double, _ matrix: BandMatrix) -> UpperBound {
    let gamma = AccumulatedError.gamma(matrix.layout.bandwidth + 4)
    let relative = gamma / LowerBound.one.reduced(by: gamma)
    var largest = UpperBound.zero
    var trace = UpperBound.zero
    for i in 0..<matrix.order {
      let pivot = (t - matrix.diagonal(i)).magnitude
      let entry = UpperBound(proven: pivot.nextUp)
      trace = trace + entry
      largest = max(largest, entry)
    }
    let widest = UpperBound(integer: 2 * matrix.layout.bandwidth + 1) * largest
    let unit = UpperBound(proven: AccumulatedError.unitRoundoff)
    return relative * min(trace, widest) + unit * largest + UpperBound(proven: 0x1p-900)
  }

  /// Whether the Cholesky factorization of tI − G runs to completion; n·b² operations.
  static func factorizes(
    _ t: Double, minus matrix: BandMatrix, _ workspace: inout [Double], _ workers: Workers = .single
  ) -> Bool {
    let layout = matrix.layout
    if workspace.count < layout.count { workspace = Array(repeating: 0, count: layout.count) }
    return workspace.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return true }
      matrix.elements.withUnsafeBufferPointer { elements in
        for row in 0..<matrix.order {
          for place in layout.places(ofRow: row) { base[place] = -elements[place] }
          base[layout.offset(row, row)] = t - elements[layout.offset(row, row)]
        }
      }
      return BandFactorization(layout, base, workers: workers).run()
    }
  }
}
