import Enclosure
import MatrixProducts
import TensorGraph

/// Bounds the error of a sum of products, in any order of summation, with or without fused multiply-add.
///
/// Each product is rounded once, and each of at most n additions rounds a partial sum, which lies between
/// the sum of the negative terms and that of the positive ones. Let e bound the error of x and d that of w,
/// S = Σ |w|(|x| + e), and M the larger of those two sums in magnitude. An executed sum of n products
/// differs from the exact one by at most Σ |w|e + uS + γₙ(M + γₙS) + (1 + 2γₙ) Σ d(|x| + e) + 4n·η.
/// Over a ball, x = m + s with a known m and ‖s‖₂ ≤ τ, so by the Cauchy–Schwarz inequality
/// S ≤ Σ |w||m| + ‖w‖τ + Σ |w|e and M ≤ (Σ |w||m| + |Σ wm|)/2 + ‖w‖τ + Σ |w|e. If x is never negative, a
/// term has the sign of its w, and the larger of ‖w⁺‖ and ‖w⁻‖ replaces ‖w‖ in the bound of M.
struct SumRounding: Sendable {
  /// The index of the operand x.
  let position: Int
  let kernel: SumKernel
  private let node: Node
  private let enclosure: LinearEnclosure
  private let format: ExecutedFormat
  private let gamma: Double
  private let terms: Int

  /// Prepares a node for which ``Operation/isSum`` holds.
  ///
  /// - Parameters:
  ///   - position: the index of the operand x.
  ///   - types: those of the operands.
  ///   - other: w, if the operation has a second operand; the same for all lanes.
  init(
    _ node: Node, varying position: Int, types: [TensorType], other: RoundedTensor?,
    _ format: ExecutedFormat
  ) {
    self.node = node
    self.position = position
    self.format = format
    let geometry = SumGeometry(node, varying: position, types: types)
    kernel = SumKernel(geometry, w: other)
    terms = geometry.terms
    gamma = format.gamma(terms)
    enclosure = LinearEnclosure(terms: terms)
  }

  /// What the sums depend on, in addition to the elements.
  struct Surroundings {
    /// For each lane, at least the distance of the elements over the ball from the middles.
    let distances: [Double]
    /// For each lane, a bound of all elements' errors; nil if the operand has errors of its own.
    let error: [Double]?
    /// Whether no executed element is negative.
    let isNonnegative: Bool
  }

  /// Bounds on the results of a tile.
  struct Bounds {
    /// The exact sums of the operand's intervals.
    var center: IntervalTensor
    /// The exact sums over the ball.
    var range: IntervalTensor
    var error: [Double]
  }

  /// The bounds of a tile.
  func bounds(_ tile: SumTile, _ around: Surroundings) -> Bounds {
    let (lanes, count) = (LaneProducts.lanes, tile.results.count * LaneProducts.lanes)
    let type = TensorType([tile.results.count])
    let zero = IntervalTensor(type, lanes: lanes)
    var bounds = Bounds(center: zero, range: zero, error: zero.lower)
    around.distances.withUnsafeBufferPointer { distances in
      for (index, place) in tile.rows.enumerated() {
        let row = kernel.rows[Int(place)]
        let partNorm = around.isNonnegative ? row.signedNorm : row.norm
        for lane in 0..<lanes {
          let i = index * lanes + lane
          let doubt = tile.uncertainty?[i] ?? 0
          let radius = enclosure.radius(
            size: tile.size[i], spread: (tile.spread?[i] ?? 0) + doubt)
          let center = LinearEnclosure.interval(tile.sum[i], radius)
          let reach = above(row.norm * distances[lane])
          let range = (below(center.lower - reach), above(center.upper + reach))
          let propagated = tile.error?[i] ?? row.sum * (around.error?[lane] ?? 0)
          let largest = maxOrNaN(center.lower.magnitude, center.upper.magnitude)
          let size = tile.size[i] + (tile.spread?[i] ?? 0)
          let partial = (size + largest) / 2 + partNorm * distances[lane] + propagated
          var total = size + reach + propagated
          let own = doubt + row.uncertainNorm * distances[lane]
          let raw =
            propagated + format.unitRoundoff * total + gamma * (partial + gamma * total)
            + (1 + 2 * gamma) * own
          total += own
          bounds.center.lower[i] = center.lower
          bounds.center.upper[i] = center.upper
          bounds.range.lower[i] = range.0
          bounds.range.upper[i] = range.1
          bounds.error[i] = finished(raw, total, maxOrNaN(range.0.magnitude, range.1.magnitude))
        }
      }
    }
    precondition(bounds.error.count == count)
    return bounds
  }

  @inline(__always)
  private func finished(_ raw: Double, _ total: Double, _ magnitude: Double) -> Double {
    // Σ |w|(|x| + e) bounds every partial sum.
    guard terms == 0 || total < format.largestSum, gamma < 1 else { return .infinity }
    return format.finished(raw + Double(4 * terms) * format.smallestNormal, magnitude: magnitude)
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
}

extension SumRounding {
  /// The sums of an operand that does not depend on the sample.
  func constant(_ x: RoundedTensor, least: Double) -> RoundedTensor {
    let width = LaneProducts.lanes
    let (middle, half) = x.exact.padded(to: width).middleAndHalf
    let errors = IntervalTensor(x.exact.type, lanes: 1, exactly: x.error).padded(to: width).lower
    let around = Surroundings(
      distances: Array(repeating: 0, count: width), error: nil, isNonnegative: x.least >= 0)
    var result = IntervalTensor(node.type, lanes: 1)
    var error = result.lower
    kernel.forEachTile(SumKernel.Operand(middle, spread: half, error: errors)) { tile in
      let bounds = bounds(tile, around)
      for (index, element) in tile.results.enumerated() {
        result.lower[element] = bounds.center.lower[index * width]
        result.upper[element] = bounds.center.upper[index * width]
        error[element] = bounds.error[index * width]
      }
    }
    return RoundedTensor(result, error: error, least: least)
  }
}
