import Enclosure
import MatrixProducts

/// Dense layers one after another with monotone activations between them, checked as a whole.
///
/// For u_k = φ_k(z_k) with slopes in [0, β_k], Δu_kᵀ(β_kΔz_k − Δu_k) ≥ 0. If for some λ_k ≥ 0 the form
/// ‖Δs‖² − Σ 2λ_k Δu_kᵀ(β_kΔz_k − Δu_k) − ‖R Δu‖²/c² is positive semidefinite, then ‖R Δu‖ ≤ c‖Δs‖.
/// It is, if the matrix [[P, Rᵀ], [R, c²I]] is, P being the form without its last part; s is eliminated
/// from P by W₁W₁ᵀ. One Cholesky factorization shows it.
struct DenseChain {
  private let layers: [LinearMap]
  private let slopes: [Double]
  private let multipliers: [Double]
  /// Where each activation's elements begin.
  private let places: [Int]
  /// The positions strictly between its ends.
  let between: Set<Int>

  /// The chain from a position to another; nil if there is none, or not with these multipliers.
  init?(from source: Int, to target: Int, in network: Network, multipliers: [Double]) {
    var (layers, slopes): ([LinearMap], [Double]) = ([], [])
    var (position, between) = (target, Set<Int>())
    while position != source {
      guard position > 0 else { return nil }
      let node = network.nodes[position - 1]
      switch node.form {
      case .identity: break
      case .linear(let map, _):
        guard node.layer is Dense else { return nil }
        layers.insert(map, at: 0)
      case .elementwise(let range):
        guard range.lowerBound >= 0, slopes.count == layers.count - 1 else { return nil }
        slopes.insert(range.upperBound, at: 0)
      case .comparisons, .nonlinear, .nonlinearNorm, .gradientStep, .sum, .concatenation: return nil
      }
      position = node.operands[0]
      if position != source { between.insert(position) }
    }
    self.between = between
    guard layers.count >= 2, slopes.count == layers.count - 1, multipliers.count == slopes.count,
      multipliers.allSatisfy({ $0 > 0 && $0.isFinite })
    else { return nil }
    (self.layers, self.slopes, self.multipliers) = (layers, slopes, multipliers)
    var places = [0]
    for layer in layers.dropLast() { places.append(places[places.count - 1] + layer.outputs) }
    self.places = places
  }

  /// P with every diagonal element brought near 1 by powers of two, and those; room for more rows.
  private func form(
    extra: Int
  ) -> (matrix: SymmetricMatrix, scale: [Double], error: UpperBound)? {
    let order = places[places.count - 1]
    // Each layer's elements meet those of the layer before.
    let firsts = (0..<order + extra).map { i in
      places[max(0, (places.lastIndex { $0 <= i } ?? 0) - 1)]
    }
    guard var matrix = SymmetricMatrix(firsts: firsts) else { return nil }
    var scale = Array(repeating: 1.0, count: order)
    for k in multipliers.indices {
      let power = Double(
        sign: .plus, exponent: -(Int(multipliers[k].exponent) + 1) / 2, significand: 1)
      for i in places[k]..<places[k + 1] {
        scale[i] = power
        matrix[i, i] = 2 * multipliers[k] * power * power
      }
    }
    // λ₁²β₁² W₁W₁ᵀ, scaled: at most as large as the diagonal, or nothing can be shown.
    let first = layers[0]
    let factor = multipliers[0] * slopes[0] * scale[0]
    subtractSquare(of: first, times: factor, from: &matrix)
    let size = UpperBound(proven: factor) * first.profile.absoluteNorm
    var error = AccumulatedError.gamma(first.inputs + 12) * (size * size + UpperBound(proven: 4))
    for k in multipliers.indices.dropFirst() {
      let factor = multipliers[k] * slopes[k] * scale[places[k]] * scale[places[k - 1]]
      add(layers[k], times: -factor, at: places[k], places[k - 1], to: &matrix)
      error =
        error + AccumulatedError.gamma(8) * UpperBound(proven: factor)
        * layers[k].profile.absoluteNorm
    }
    return (matrix, scale, error)
  }

  /// M −= f² W Wᵀ in the corner of the first layer, f a power of two times what the products are rounded to.
  private func subtractSquare(
    of map: LinearMap, times factor: Double, from matrix: inout SymmetricMatrix
  ) {
    let (rows, inner) = (map.outputs, map.inputs)
    let scaled = map.denseRows.joined().map { factor * $0 }
    var product = Array(repeating: 0.0, count: rows * rows)
    scaled.withUnsafeBufferPointer { scaled in
      product.withUnsafeMutableBufferPointer { product in
        guard let base = scaled.baseAddress, let c = product.baseAddress else { return }
        let view = MatrixView(base, rowStride: inner)
        MatrixProduct.accumulate(
          view, view, rows: rows, columns: rows, inner: inner, into: c, stride: rows,
          part: .lower(offset: 0))
      }
    }
    for i in 0..<rows {
      for j in 0...i { matrix[i, j] -= product[i * rows + j] }
    }
  }

  private func add(
    _ map: LinearMap, times factor: Double, at row: Int, _ column: Int,
    to matrix: inout SymmetricMatrix
  ) {
    for i in 0..<map.outputs {
      map.visit(i) { matrix[row + i, column + $0] += factor * $1 }
    }
  }

  /// Whether the chain's constant is certainly at most c.
  func isBounded(by claim: Double, _ workers: Workers) -> Bool {
    guard claim > 0, claim.isFinite, let last = layers.last else { return false }
    let order = places[places.count - 1]
    guard let form = form(extra: last.outputs) else { return false }
    var (matrix, scale, error) = form
    let power = Double(sign: .plus, exponent: -Int(claim.exponent), significand: 1)
    let square = DirectedRounding.multiplyDown(claim * power, claim * power)
    for i in 0..<last.outputs { matrix[order + i, order + i] = square }
    let start = places[places.count - 2]
    let factor = power * scale[start]
    add(last, times: factor, at: order, start, to: &matrix)
    error =
      error + AccumulatedError.gamma(8) * UpperBound(proven: factor) * last.profile.absoluteNorm
    return matrix.factorize(minus: (matrix.factorizationError + error).value, workers)
  }

  /// Bounds the differences of two outputs, row-major; nil if P itself cannot be factorized.
  func differences(_ workers: Workers) -> [UpperBound]? {
    guard let last = layers.last else { return nil }
    let order = places[places.count - 1]
    let start = places[places.count - 2]
    guard let form = form(extra: 0) else { return nil }
    var (matrix, scale, error) = form
    // One more row b, with at most 8 on the diagonal; ‖b‖ ≤ ‖L‖‖L⁻¹b‖ < 512, and it is rounded twice.
    error = error + AccumulatedError.gamma(8) * UpperBound(proven: 512)
    let gamma = AccumulatedError.gamma(order + 8)
    let shift = (matrix.factorizationError + error + gamma * UpperBound(proven: 16)).value
    guard matrix.factorize(minus: shift, workers) else { return nil }
    var rows = Array(repeating: 0.0, count: last.outputs * last.inputs)
    for i in 0..<last.outputs {
      last.visit(i) { rows[i * last.inputs + $0] = $1 }
    }
    let (count, factor, scaling) = (last.outputs, matrix, scale[start])
    let lower = workers.map(count * count) { [rows] index -> UpperBound in
      let (i, j) = (index / count, index % count)
      return i <= j ? .zero : difference(i, j, rows, factor, scaling, shift: shift)
    }
    return (0..<count * count).map { index in
      let (i, j) = (index / count, index % count)
      return lower[max(i, j) * count + min(i, j)]
    }
  }

  private func difference(
    _ i: Int, _ j: Int, _ rows: [Double], _ factor: SymmetricMatrix, _ scale: Double, shift: Double
  ) -> UpperBound {
    let count = layers[layers.count - 1].inputs
    let start = places[places.count - 2]
    var b = Array(repeating: 0.0, count: factor.order)
    for k in 0..<count { b[start + k] = (rows[i * count + k] - rows[j * count + k]) * scale }
    var square = factor.solved(b, from: start).reduce(0) { $0 + $1 * $1 }
    guard square > 0, square.isFinite else { return .infinity }
    // Brought into [1, 4), so that the room left for the last row suffices.
    let power = Double(sign: .plus, exponent: -Int(square.exponent) / 2, significand: 1)
    b = b.map { $0 * power }
    square = factor.solved(b, from: start).reduce(0) { $0 + $1 * $1 }
    let pivot = square * (1 + 0x1p-40) + 8 * shift
    guard pivot < 8, pivot - shift - square > 0 else { return .infinity }
    return UpperBound(proven: pivot).squareRoot() * UpperBound(proven: 1 / power)
  }
}
