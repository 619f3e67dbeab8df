import Enclosure

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
  static func factorizes(_ t: Double, minus matrix: BandMatrix, _ workspace: inout [Double]) -> Bool
  {
    let (layout, count) = (matrix.layout, matrix.elements.count)
    if workspace.count < count { workspace = Array(repeating: 0, count: count) }
    return workspace.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return true }
      for index in 0..<count { base[index] = -matrix.elements[index] }
      var row = 0
      while row < matrix.order {
        let rows = min(4, matrix.order - row)
        for i in row..<row + rows {
          base[layout.offset(i, i)] = t - matrix.diagonal(i)
        }
        eliminate(layout, base, row, rows)
        guard factorTriangle(layout, base, row, rows) else { return false }
        row += rows
      }
      return true
    }
  }

  /// Computes the entries of up to four rows that lie left of the rows' own triangle.
  @inline(__always)
  private static func eliminate(
    _ layout: BandLayout, _ base: UnsafeMutablePointer<Double>, _ row: Int, _ rows: Int
  ) {
    let (stride, first) = (layout.stride, layout.origin(row))
    let block = base + row * stride
    for j in first..<row {
      let done = j - first
      let pivotRow = base + j * stride + (first - layout.origin(j))
      let pivot = pivotRow[done]
      if rows == 4 {
        let sums = VectorKernels.dot4(block, stride, pivotRow, done)
        for r in 0..<4 {
          block[r * stride + done] = (block[r * stride + done] - sums[r]) / pivot
        }
      } else {
        for r in 0..<rows {
          let sum = VectorKernels.dot(block + r * stride, pivotRow, done)
          block[r * stride + done] = (block[r * stride + done] - sum) / pivot
        }
      }
    }
  }

  /// Factors the triangle of up to four rows; false if a pivot is not positive.
  private static func factorTriangle(
    _ layout: BandLayout, _ base: UnsafeMutablePointer<Double>, _ row: Int, _ rows: Int
  ) -> Bool {
    let (stride, first) = (layout.stride, layout.origin(row))
    for i in row..<row + rows {
      let own = base + i * stride
      for j in row..<i {
        let other = base + j * stride
        let done = j - first
        own[done] = (own[done] - VectorKernels.dot(own, other, done)) / other[done]
      }
      let done = i - first
      let pivot = own[done] - VectorKernels.dot(own, own, done)
      guard pivot > 0, pivot.isFinite else { return false }
      own[done] = pivot.squareRoot()
    }
    return true
  }
}
