import Enclosure

/// Bounds the difference of an executed from an exact value at the same input, a sum e + d: |e| element by
/// element, ‖d‖ as a whole.
struct ForwardError: Sendable {
  let componentwise: [Double]
  let normwise: UpperBound

  /// Bounds the ℓ2 norm of e + d.
  var norm: UpperBound { AccumulatedError.euclideanNorm(componentwise).upper + normwise }

  /// Bounds |⟨w, e + d⟩| by Σ |w||e| + ‖w‖‖d‖.
  func image(_ row: [Double]) -> UpperBound {
    var sum = 0.0
    for (w, e) in zip(row, componentwise) { sum += abs(w) * e }
    let rounding = UpperBound.one + AccumulatedError.gamma(row.count + 2)
    return UpperBound(proven: sum) * rounding + UpperBound(proven: 0x1p-900)
      + AccumulatedError.euclideanNorm(row).upper * normwise
  }
}
