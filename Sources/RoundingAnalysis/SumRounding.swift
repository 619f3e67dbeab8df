import TensorGraph

/// Bounds the error of a sum of products, in any order of summation, with or without fused multiply-add.
///
/// Each product is rounded once, and each of at most n additions rounds a partial sum, which lies between
/// the sum of the negative terms and that of the positive ones. Let e bound the error of x and d that of w,
/// S = Σ |w|(|x| + e), and M the larger of those two sums in magnitude. An executed sum of n products
/// differs from the exact one by at most Σ |w|e + uS + γₙ(M + γₙS) + (1 + 2γₙ) Σ d(|x| + e) + 4n·2⁻¹²⁶.
/// Over a ball, x = c + s with a center c and ‖s‖₂ ≤ τ, so by the Cauchy–Schwarz inequality
/// S ≤ Σ |w||c| + ‖w‖τ + Σ |w|e and M ≤ (Σ |w||c| + |Σ wc|)/2 + ‖w‖τ + Σ |w|e. If x is never negative, a
/// term has the sign of its w, and the larger of ‖w⁺‖ and ‖w⁻‖ replaces ‖w‖ in the bound of M. All these
/// sums have the shape of the operation itself, so the enclosure of the operation computes them.
struct SumRounding: Sendable {
  /// The index of the operand x.
  let position: Int
  /// The Euclidean norm of the factors w of each result, rounded up, which is the Lipschitz constant of the
  /// result in x.
  let norms: [Double]

  private let node: Node
  /// The larger of the norms of each result's positive and negative factors.
  private let signedNorms: [Double]
  /// |w|, if the operation has a w.
  private let size: IntervalTensor?
  /// d and its norm for each result, unless d = 0.
  private let uncertainty: (size: IntervalTensor, norms: [Double])?
  private let gamma: Double
  private let terms: Int

  /// Prepares a node for which ``Operation/isSum`` holds.
  ///
  /// - Parameters:
  ///   - position: the index of the operand x.
  ///   - types: those of the operands.
  ///   - other: w, if the operation has a second operand; the same for all lanes.
  init(_ node: Node, varying position: Int, types: [TensorType], other: RoundedTensor?) {
    self.node = node
    self.position = position
    terms = node.operation.termCount(types, result: node.type)
    gamma = Binary32.gamma(terms)
    let ones = IntervalTensor(
      types[position], lanes: 1, exactly: Array(repeating: 1, count: types[position].count))
    func norms(_ factors: IntervalTensor?) -> [Double] {
      let squares = factors.map {
        IntervalTensor($0.type, lanes: 1, exactly: $0.upper.map { ($0 * $0).nextUp })
      }
      return Self.sum(node, position, ones, squares).upper.map { $0.squareRoot().nextUp }
    }
    size = other.map { w in
      IntervalTensor(w.exact.type, lanes: 1, exactly: w.error.indices.map { w.magnitude($0) })
    }
    self.norms = norms(size)
    let parts = [1.0, -1.0].map { sign in
      norms(
        other.map { w in
          IntervalTensor(
            w.exact.type, lanes: 1,
            exactly: w.exact.upper.indices.map {
              maxOrNaN(0, sign < 0 ? -w.exact.lower[$0] : w.exact.upper[$0])
            })
        })
    }
    signedNorms = zip(parts[0], parts[1]).map(maxOrNaN)
    let errors = other.map { IntervalTensor($0.exact.type, lanes: 1, exactly: $0.error) }
    uncertainty = errors.flatMap { errors in
      errors.upper.allSatisfy { $0 == 0 } ? nil : (errors, norms(errors))
    }
  }

  /// The errors of the results for an x.
  ///
  /// - Parameters:
  ///   - center: the results at the sample itself.
  ///   - result: the results over the ball.
  func errors(_ x: BallEnclosure, center: IntervalTensor, result: IntervalTensor) -> [Double] {
    let lanes = x.rounded.exact.lanes
    let propagated = x.rounded.error
    var (sizes, reach) = (propagated, propagated)
    for i in reach.indices {
      sizes[i] = maxOrNaN(abs(x.center.lower[i]), abs(x.center.upper[i]))
      reach[i] = (sizes[i] + reach[i]).nextUp
    }
    func weighted(_ elements: [Double], _ factors: IntervalTensor?) -> [Double] {
      let x = IntervalTensor(x.rounded.exact.type, lanes: lanes, exactly: elements)
      return Self.sum(node, position, x, factors).upper
    }
    var raw = weighted(propagated, size)
    var total = weighted(sizes, size)
    let partNorms = x.rounded.least >= 0 ? signedNorms : norms
    for i in raw.indices {
      let distance = x.distances[i % lanes].value
      let sum = maxOrNaN(abs(center.lower[i]), abs(center.upper[i]))
      let partial = (total[i] + sum) / 2 + partNorms[i / lanes] * distance + raw[i]
      total[i] += norms[i / lanes] * distance + raw[i]
      raw[i] += Binary32.unitRoundoff * total[i] + gamma * (partial + gamma * total[i])
    }
    if let (size, norms) = uncertainty {
      let own = weighted(reach, size)
      for i in raw.indices {
        let part = own[i] + norms[i / lanes] * x.distances[i % lanes].value
        raw[i] += (1 + 2 * gamma) * part
        total[i] += part
      }
    }
    return raw.indices.map { i in finished(raw[i], total[i], result, i) }
  }

  private func finished(
    _ raw: Double, _ total: Double, _ result: IntervalTensor, _ position: Int
  ) -> Double {
    // Σ |w|(|x| + e) bounds every partial sum.
    guard terms == 0 || total < 0x1p126, gamma < 1 else { return .infinity }
    return Binary32.finished(
      raw + Double(4 * terms) * Binary32.smallestNormal,
      magnitude: maxOrNaN(abs(result.lower[position]), abs(result.upper[position])))
  }

  private static func sum(
    _ node: Node, _ position: Int, _ x: IntervalTensor, _ w: IntervalTensor?
  ) -> IntervalTensor {
    guard let w else { return EnclosingEvaluator.evaluate(node, [x]) }
    return EnclosingEvaluator.evaluate(node, position == 0 ? [x, w] : [w, x])
  }
}

extension Operation {
  /// Whether every result is a sum of operands or of products of one operand with the other.
  var isSum: Bool {
    switch self {
    case .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .sumPool,
      .sumPoolGradient, .reduce(.sum, _):
      true
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .broadcast, .reshape,
      .transpose, .reduce(.maximum, _), .slice, .pad, .concatenate, .maxPoolSelect,
      .maxPoolScatter, .random, .stopGradient:
      false
    }
  }

  /// The largest number of terms of a result.
  fileprivate func termCount(_ operands: [TensorType], result: TensorType) -> Int {
    switch self {
    case .dot(let transposeLeft, _):
      operands[0].shape[transposeLeft ? 0 : 1]
    case .convolution(let window):
      operands[1].shape[1] * window.kernel[0] * window.kernel[1]
    case .convolutionInputGradient(let window):
      operands[1].shape[0] / window.groups * window.kernel[0] * window.kernel[1]
    case .convolutionFilterGradient:
      operands[1].shape[0] * operands[1].shape[2] * operands[1].shape[3]
    case .sumPool(let window), .sumPoolGradient(let window):
      window.kernel[0] * window.kernel[1]
    default:
      // A reduction: every element of the operand belongs to one result.
      operands[0].count / max(1, result.count)
    }
  }
}
