import TensorGraph

/// A matrix B ≥ 0 with ‖B‖ ≥ ‖|W|‖ for the matrix W of a sum of products.
///
/// For a dense layer B is |W|. A convolution's magnitudes are summed over the taps of one phase of the stride: with x_cr
/// the elements of channel c whose row and column have the remainders r, ‖y_m‖ ≤ Σ_cr (Σ_t |w_mct|) ‖x_cr‖, since a
/// shift, and leaving out some positions, do not enlarge a norm. The adjoint has the same norm.
struct MagnitudeMatrix {
  /// Blocks on the diagonal, one for each group of a convolution.
  private let groups: Int
  /// Of a block.
  private let rows: Int
  private let columns: Int
  /// By group, row and column; each a rounded sum of at most `terms` numbers.
  private var elements: [Double]
  private let terms: Int

  /// Nil unless the operation is a product with a matrix or the filters of a convolution.
  ///
  /// - Parameter w: encloses the coefficients.
  init?(_ operation: Operation, _ w: IntervalTensor) {
    let (middles, halves) = w.middleAndHalf
    let magnitudes =
      halves.isEmpty
      ? middles.map(\.magnitude) : zip(middles, halves).map { above($0.magnitude + $1) }
    guard magnitudes.allSatisfy(\.isFinite) else { return nil }
    switch operation {
    case .dot:
      (groups, rows, columns, terms) = (1, w.type.shape[0], w.type.shape[1], 1)
      elements = magnitudes
    case .convolution(let window), .convolutionInputGradient(let window):
      let shape = w.type.shape
      let phases = window.strides[0] * window.strides[1]
      let taps = shape[2] * shape[3]
      (groups, terms) = (window.groups, taps)
      (rows, columns) = (shape[0] / window.groups, shape[1] * phases)
      elements = Array(repeating: 0, count: shape[0] * columns)
      for (index, magnitude) in magnitudes.enumerated() {
        let (tap, channel) = (index % taps, index / taps)
        elements[channel * phases + window.phase(tap / shape[3], tap % shape[3])] += magnitude
      }
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .broadcast, .reshape,
      .transpose, .reduce, .slice, .pad, .concatenate, .convolutionFilterGradient, .sumPool,
      .sumPoolGradient, .maxPoolSelect, .maxPoolScatter, .random, .stopGradient, .withDerivative,
      .cholesky, .triangularSolve:
      return nil
    }
  }

  /// Steps of power iteration: matrices without signs have a large gap.
  private static let steps = 8

  /// At least ‖B‖, by ‖B‖² = ρ(BᵀB) ≤ max (BᵀBp)ⱼ/pⱼ for every p > 0 (Horn, Johnson 2013, 8.1.26).
  var norm: Double {
    var p = Array(repeating: 1.0, count: groups * columns)
    var least = Double.infinity
    for _ in 0..<Self.steps {
      let image = squared(p)
      least = min(least, zip(image, p).reduce(0) { max($0, $1.0 / $1.1) })
      let largest = image.max() ?? 0
      guard largest > 0 else { break }
      p = image.map { max($0 / largest, 0x1p-60) }
    }
    // All terms are non-negative, so 2n roundings bound the relative error; 2⁻⁸⁰⁰ covers underflow.
    let roundings = Double(rows + columns + 2 * terms + 8) * 0x1p-52
    return above((least * (1 + roundings) + 0x1p-800).squareRoot())
  }

  /// BᵀBp.
  private func squared(_ p: [Double]) -> [Double] {
    var result = Array(repeating: 0.0, count: p.count)
    result.withUnsafeMutableBufferPointer { result in
      for row in 0..<groups * rows {
        let first = row / rows * columns
        elements.withUnsafeBufferPointer { elements in
          let row = UnsafeBufferPointer(rebasing: elements[row * columns..<(row + 1) * columns])
          let product = p.withUnsafeBufferPointer { Self.dot(row, $0, first) }
          for j in row.indices { result[first + j] += product * row[j] }
        }
      }
    }
    return result
  }

  /// Σ aⱼ b_{first + j}, in eight sums.
  private static func dot(
    _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, _ first: Int
  ) -> Double {
    var sums = SIMD8<Double>()
    let whole = a.count / 8 * 8
    for j in stride(from: 0, to: whole, by: 8) {
      for k in 0..<8 { sums[k] += a[j + k] * b[first + j + k] }
    }
    return (whole..<a.count).reduce(sums.sum()) { $0 + a[$1] * b[first + $1] }
  }
}

extension ConvolutionWindow {
  /// Which remainders of rows and columns, divided by the strides, a tap reads.
  fileprivate func phase(_ row: Int, _ column: Int) -> Int {
    row * dilations[0] % strides[0] * strides[1] + column * dilations[1] % strides[1]
  }
}
