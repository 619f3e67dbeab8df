import Enclosure

/// A symmetric matrix, its lower triangle row by row, and the test that it is positive semidefinite.
///
/// If the floating-point Cholesky factorisation of M runs to completion, M + Δ ⪰ 0 with
/// |Δᵢⱼ| ≤ γ/(1 − γ)·√(mᵢᵢmⱼⱼ), γ = γ_{n+1} (Demmel; Rump 2006), and hence ‖Δ‖ ≤ γ/(1 − γ)·Σ mᵢᵢ.
struct SymmetricMatrix {
  let order: Int
  private(set) var elements: [Double]

  /// No matrix may be larger.
  static let largestOrder = 6000

  init(order: Int) {
    self.order = order
    elements = Array(repeating: 0, count: order * order)
  }

  /// An element of the lower triangle.
  subscript(row: Int, column: Int) -> Double {
    get { elements[row * order + column] }
    set { elements[row * order + column] = newValue }
  }

  /// What has to be taken off the diagonal so that a factorisation that completes is a proof.
  var slack: UpperBound {
    var trace = UpperBound.zero
    for i in 0..<order { trace = trace + UpperBound(proven: abs(self[i, i])) }
    let gamma = AccumulatedError.gamma(order + 4)
    // Taking it off rounds each element of the diagonal once.
    let rounding = UpperBound(proven: 0x1p-52) * trace
    return gamma / LowerBound.one.reduced(by: gamma) * trace * UpperBound(proven: 1 + 0x1p-20)
      + rounding + UpperBound(proven: 0x1p-900)
  }

  /// Replaces the matrix minus a multiple of I by its Cholesky factor; false if it breaks down.
  mutating func factorise(minus shift: Double) -> Bool {
    let order = order
    return elements.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return true }
      for i in 0..<order { base[i * order + i] -= shift }
      let width = 8
      var panel = Array(repeating: 0.0, count: width * order)
      return panel.withUnsafeMutableBufferPointer { panel in
        for first in stride(from: 0, to: order, by: width) {
          let end = min(first + width, order)
          for column in first..<end {
            guard Self.eliminate(base, order, column, from: first, panel.baseAddress!) else {
              return false
            }
          }
          Self.update(base, order, first..<end, panel.baseAddress!)
        }
        return true
      }
    }
  }

  /// One column of the factor, whose earlier panels are already taken off.
  private static func eliminate(
    _ base: UnsafeMutablePointer<Double>, _ order: Int, _ column: Int, from first: Int,
    _ panel: UnsafeMutablePointer<Double>
  ) -> Bool {
    let own = base + column * order
    var pivot = own[column]
    for k in first..<column { pivot -= own[k] * own[k] }
    guard pivot > 0, pivot.isFinite else { return false }
    let root = pivot.squareRoot()
    own[column] = root
    let copy = panel + (column - first) * order
    for row in (column + 1)..<max(order, column + 1) {
      let other = base + row * order
      var sum = other[column]
      for k in first..<column { sum -= other[k] * own[k] }
      other[column] = sum / root
      copy[row] = other[column]
    }
    return true
  }

  /// Takes a panel's columns off everything to the right of them.
  private static func update(
    _ base: UnsafeMutablePointer<Double>, _ order: Int, _ columns: Range<Int>,
    _ panel: UnsafeMutablePointer<Double>
  ) {
    for row in columns.upperBound..<max(order, columns.upperBound) {
      let target = base + row * order
      for column in columns {
        let factor = target[column]
        guard factor != 0 else { continue }
        let source = panel + (column - columns.lowerBound) * order
        for j in columns.upperBound...row { target[j] -= factor * source[j] }
      }
    }
  }

  /// L⁻¹ b for the factor L, with b other than 0 only from a row on.
  func solved(_ b: [Double], from first: Int) -> [Double] {
    var y = b
    for row in first..<order {
      var sum = y[row]
      for k in first..<row { sum -= self[row, k] * y[k] }
      y[row] = sum / self[row, row]
    }
    return y
  }
}
