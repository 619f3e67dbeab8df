import Enclosure
import MatrixProducts
import TensorGraph

/// Bounds the error of a sum of products, in any order of summation, with or without fused multiply-add.
///
/// Each product is rounded once, and each of n − 1 additions rounds a partial sum, which lies between
/// the sum of the negative terms and that of the positive ones. Let e bound the error of x and d that of w,
/// S = Σ |w|(|x| + e), and M the larger of those two sums in magnitude. An executed sum of n products
/// differs from the exact one by at most Σ |w|e + uS + γₙ₋₁(M + γₙS) + (1 + 2γₙ) Σ d(|x| + e) + 4n·η.
/// Over a ball, x = m + s with a known m and ‖s‖₂ ≤ τ, so by the Cauchy–Schwarz inequality
/// S ≤ Σ |w||m| + ‖w‖τ + Σ |w|e and M ≤ (Σ |w||m| + |Σ wm|)/2 + ‖w‖τ + Σ |w|e. If x is never negative, a
/// term has the sign of its w, and the larger of ‖w⁺‖ and ‖w⁻‖ replaces ‖w‖ in the bound of M.
///
/// A constant b that is added to the sum may be one of its terms in any order: γₙ, S + |b| and Σ wm + b take the
/// places of γₙ₋₁, S and Σ wm. Adding it last is one of these orders.
///
/// What τ contributes to the error is the sum's growth. Where it is bounded for all rows together, by
/// ``jointGrowth(norm:)``, it is no part of the errors; ranges contain it.
struct SumRounding: Sendable {
  /// The index of the operand x.
  let position: Int
  let kernel: SumKernel
  private let node: Node
  private let enclosure: LinearEnclosure
  private let format: ExecutedFormat
  /// γ for all roundings of a term, and for those of partial sums.
  private let gamma: Double
  private var additions: Double
  private let terms: Int
  /// For each of the kernel's rows, contains the constants that are added to its sums, as stored.
  private var biases: [ClosedRange<Double>] = []
  /// At least ‖|W|‖ for the matrix W of all coefficients; nil if it is not known.
  private let magnitudeNorm: Double?
  /// Bounds the norm of the growth of all rows, for τ = 1, if it is bounded together.
  var growth: UpperBound?

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
    gamma = format.gamma(terms + 1)
    additions = format.gamma(max(0, terms - 1))
    magnitudeNorm = other.flatMap { MagnitudeMatrix(node.operation, $0.exact)?.norm }
    enclosure = LinearEnclosure(terms: terms)
  }

  /// Takes a constant into account that is added to the sums, or subtracted from them.
  ///
  /// - Parameter constant: of the type of the sums.
  mutating func add(_ constant: RoundedTensor, isSubtracted: Bool) {
    additions = format.gamma(terms)
    let stored = constant.executed
    var ranges: [ClosedRange<Double>?] = kernel.rows.map { _ in nil }
    kernel.forEachPlace { place, element in
      let (low, high) = (stored.lower[element], stored.upper[element])
      // Nothing is known of what is not a number.
      let ends = low <= high ? (low, high) : (-Double.infinity, Double.infinity)
      let range = isSubtracted ? -ends.1 ... -ends.0 : ends.0...ends.1
      ranges[place] = ranges[place].map { $0.union(range) } ?? range
    }
    biases = zip(ranges, biases.isEmpty ? ranges : biases).map { range, known in
      (range ?? 0...0).union(known ?? range ?? 0...0)
    }
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

  /// The bounds of a tile.
  func bounds(_ tile: SumTile, _ around: Surroundings, least: Double) -> BallEnclosure {
    let memory = (0..<5).map { _ in LaneMemory(unfilled: tile.results.count) }
    let start = memory.map(\.start)
    forEachVector(tile, around) { element, lane, bounds in
      let i = element * LaneProducts.lanes + lane
      below(bounds.middle - bounds.half).store(to: start[0] + i)
      above(bounds.middle + bounds.half).store(to: start[1] + i)
      bounds.range.lower.store(to: start[2] + i)
      bounds.range.upper.store(to: start[3] + i)
      bounds.error.store(to: start[4] + i)
    }
    let parts = memory.map(\.array)
    let (type, lanes) = (TensorType([tile.results.count]), LaneProducts.lanes)
    return BallEnclosure(
      center: IntervalTensor(type, lanes: lanes, lower: parts[0], upper: parts[1]),
      rounded: RoundedTensor(
        IntervalTensor(type, lanes: lanes, lower: parts[2], upper: parts[3]), error: parts[4],
        least: least))
  }

  /// What is added to a sum whose operands are not exact.
  private struct Extra {
    var spread = Lanes.zero
    var doubt = Lanes.zero
    var propagated: Lanes
  }

  /// Calls `body` with each element of a tile, by its place in the tile, the first lane of two, and their bounds.
  @inline(__always)
  func forEachVector(
    _ tile: SumTile, _ around: Surroundings, _ body: (Int, Int, LaneBall) -> Void
  ) {
    let isExact = tile.spread == nil && tile.error == nil && tile.uncertainty == nil
    around.distances.withUnsafeBufferPointer { distances in
      guard let distances = distances.baseAddress else { return }
      for (element, place) in tile.rows.enumerated() {
        let row = kernel.rows[Int(place)]
        let bias = biases.isEmpty ? 0...0 : biases[Int(place)]
        var extra = Extra(propagated: Lanes(repeating: row.sum * (around.error ?? 0)))
        for lane in stride(from: 0, to: LaneProducts.lanes, by: Lanes.scalarCount) {
          let i = element * LaneProducts.lanes + lane
          if !isExact {
            extra.spread = tile.spread.map { Lanes(at: $0 + i) } ?? .zero
            extra.doubt = tile.uncertainty.map { Lanes(at: $0 + i) } ?? .zero
            if let errors = tile.error { extra.propagated = Lanes(at: errors + i) }
          }
          let norm = around.isNonnegative ? row.signedNorm : row.norm
          let distance = Lanes(at: distances + lane)
          body(
            element, lane,
            bounds(
              Lanes(at: tile.sum + i), Lanes(at: tile.size + i), row, bias, norm, distance, extra))
        }
      }
    }
  }

  /// The bounds of one result in two lanes, from Σ w·m as computed and a bound of Σ |w||m|.
  @inline(__always)
  private func bounds(
    _ sum: Lanes, _ magnitudes: Lanes, _ row: SumKernel.Row, _ bias: ClosedRange<Double>,
    _ partNorm: Double, _ distance: Lanes, _ extra: Extra
  ) -> LaneBall {
    let underflow = Double(4 * terms + 4) * format.smallestNormal
    let radius = enclosure.radius(size: magnitudes, spread: extra.spread + extra.doubt)
    // If a sum has overflowed, nothing is known: ∞ − ∞ is NaN.
    let half = radius + (sum - sum)
    let reach = LaneBall.raised(row.norm * distance)
    let step = LaneBall.raised(reach + (growth?.value ?? 0) * distance)
    let range = Ends(sum - half - step, sum + half + step).widened
    let size = magnitudes + extra.spread
    let term = max(-bias.lowerBound, bias.upperBound)
    let whole = Ends(sum + bias.lowerBound, sum + bias.upperBound).size
    let parts = (size + term + whole + half) * 0.5
    let (grown, partGrown) = growth == nil ? (reach, partNorm * distance) : (.zero, .zero)
    let partial = parts + partGrown + extra.propagated
    let total = size + grown + extra.propagated
    let own = extra.doubt + row.uncertainNorm * distance
    let rounded = format.unitRoundoff * total + additions * (partial + gamma * (total + term))
    let raw = extra.propagated + rounded + (1 + 2 * gamma) * own + underflow
    let error = format.finished(raw, magnitude: range.size)
    // Σ |w|(|x| + e) bounds every partial sum.
    let limit = Lanes(repeating: gamma < 1 ? format.largestSum : 0)
    return LaneBall(
      middle: sum, half: half, range: range,
      error: .select(
        size + reach + extra.propagated + own + term, isLessThan: limit, error,
        else: Lanes(repeating: .infinity)))
  }

  /// Bounds the norm of all sums' growth, for τ = 1; nil if ‖|W|‖ is not known.
  ///
  /// With s for the change of x, S grows by at most (|W||s|)ᵢ in row i and M by at most half of
  /// (|W||s|)ᵢ + |(Ws)ᵢ|, since M = (S + |Σ wx|)/2.
  ///
  /// - Parameter norm: at least ‖W‖.
  func jointGrowth(norm: UpperBound) -> UpperBound? {
    magnitudeNorm.map { magnitudes in
      let (products, sums) = (UpperBound(proven: magnitudes), UpperBound(proven: additions))
      let partial = (products + min(norm, products)) * UpperBound(proven: 0.5)
      let all = UpperBound(proven: format.unitRoundoff) + sums * UpperBound(proven: gamma)
      return all * products + sums * partial
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
      .maxPoolScatter, .random, .stopGradient, .withDerivative, .cholesky, .triangularSolve:
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
    let operand = SumKernel.Operand(
      LaneMemory(middle), spread: half.isEmpty ? nil : half, error: errors)
    kernel.forEachTile(operand) { tile in
      let bounds = bounds(tile, around, least: least)
      for (index, element) in tile.results.enumerated() {
        result.lower[element] = bounds.center.lower[index * width]
        result.upper[element] = bounds.center.upper[index * width]
        error[element] = bounds.rounded.error[index * width]
      }
    }
    return RoundedTensor(result, error: error, least: least)
  }
}

extension ClosedRange<Double> {
  fileprivate func union(_ other: ClosedRange<Double>) -> ClosedRange<Double> {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}
