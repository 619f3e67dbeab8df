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
    /// A bound of all elements' errors; nil if the operand has errors of its own.
    let error: Double?
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
    let count = tile.results.count * LaneProducts.lanes
    let memory = (0..<5).map { _ in UnsafeMutablePointer<Double>.allocate(capacity: count) }
    defer { for part in memory { part.deallocate() } }
    for (index, place) in tile.rows.enumerated() {
      let row = kernel.rows[Int(place)]
      let first = index * LaneProducts.lanes
      if tile.spread == nil, tile.error == nil, tile.uncertainty == nil {
        bounds(tile, row, around, first, memory) { _ in
          Extra(propagated: Lanes(repeating: row.sum * (around.error ?? 0)))
        }
      } else {
        bounds(tile, row, around, first, memory) { i in
          Extra(
            spread: tile.spread.map { Lanes(at: $0 + i) } ?? .zero,
            doubt: tile.uncertainty.map { Lanes(at: $0 + i) } ?? .zero,
            propagated: tile.error.map { Lanes(at: $0 + i) }
              ?? Lanes(repeating: row.sum * (around.error ?? 0)))
        }
      }
    }
    let parts = memory.map { Array(UnsafeBufferPointer(start: $0, count: count)) }
    let (type, lanes) = (TensorType([tile.results.count]), LaneProducts.lanes)
    return Bounds(
      center: IntervalTensor(type, lanes: lanes, lower: parts[0], upper: parts[1]),
      range: IntervalTensor(type, lanes: lanes, lower: parts[2], upper: parts[3]),
      error: parts[4])
  }

  /// What is added to a sum whose operands are not exact.
  private struct Extra {
    var spread = Lanes.zero
    var doubt = Lanes.zero
    var propagated: Lanes
  }

  /// The bounds of one result in all lanes.
  @inline(__always)
  private func bounds(
    _ tile: SumTile, _ row: SumKernel.Row, _ around: Surroundings, _ first: Int,
    _ out: [UnsafeMutablePointer<Double>],
    _ extra: (Int) -> Extra
  ) {
    let partNorm = around.isNonnegative ? row.signedNorm : row.norm
    let underflow = Double(4 * terms) * format.smallestNormal
    // Σ |w|(|x| + e) bounds every partial sum.
    let limit = Lanes(repeating: gamma < 1 ? format.largestSum : 0)
    around.distances.withUnsafeBufferPointer { distances in
      for lane in stride(from: 0, to: LaneProducts.lanes, by: Lanes.scalarCount) {
        let i = first + lane
        let extra = extra(i)
        let tileSize = Lanes(at: tile.size + i)
        let distance = Lanes(at: distances.baseAddress! + lane)
        let radius = enclosure.radius(size: tileSize, spread: extra.spread + extra.doubt)
        let center = LinearEnclosure.interval(Lanes(at: tile.sum + i), radius)
        let reach = above(row.norm * distance)
        let (least, most) = (below(center.lower - reach), above(center.upper + reach))
        let largest = maxOrNaN(center.lower.magnitude, center.upper.magnitude)
        let size = tileSize + extra.spread
        let partial = (size + largest) * 0.5 + partNorm * distance + extra.propagated
        let total = size + reach + extra.propagated
        let own = extra.doubt + row.uncertainNorm * distance
        let raw =
          extra.propagated + format.unitRoundoff * total
          + gamma * (partial + gamma * total) + (1 + 2 * gamma) * own + underflow
        let error = format.finished(raw, magnitude: maxOrNaN(least.magnitude, most.magnitude))
        center.lower.store(to: out[0] + i)
        center.upper.store(to: out[1] + i)
        least.store(to: out[2] + i)
        most.store(to: out[3] + i)
        Lanes(repeating: .infinity).replacing(with: error, where: total + own .< limit)
          .store(to: out[4] + i)
      }
    }
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
    let operand = SumKernel.Operand(middle, spread: half.isEmpty ? nil : half, error: errors)
    kernel.forEachTile(operand) { tile in
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
