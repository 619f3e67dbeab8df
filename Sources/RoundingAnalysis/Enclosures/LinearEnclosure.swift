import MatrixProducts
import TensorGraph

/// Interval arithmetic for sums and sums of products.
///
/// For operands with midpoints m, w and half-widths r, s, the exact Σ w·x differs from the computed Σ w·m by
/// at most Σ (|w|·r + s·(|m| + r)) plus the rounding error γₙ Σ |w·m|. This radius is a sum of non-negative
/// numbers, so enlarging it by a few γₙ covers its own rounding.
struct LinearEnclosure: Sendable {
  /// γₙ for the sum and the product, twice the unit roundoff for each.
  private let gamma: Double
  private let underflow: Double

  /// Enclosures of sums of at most `terms` products.
  init(terms: Int) {
    gamma = Double(terms + 4) * 0x1p-52
    underflow = Double(terms + 4) * 0x1p-1070
  }

  /// The half-width of the enclosure around the computed sum; ∞ or NaN if nothing is known.
  @inline(__always)
  func radius(size: Lanes, spread: Lanes) -> Lanes {
    (size * gamma + spread) * (1 + 4 * gamma) + underflow
  }

  /// The interval around a computed sum.
  ///
  /// If a sum has overflowed, nothing is known: with the later terms the exact sum may be anywhere.
  @inline(__always)
  static func interval(_ sum: Lanes, _ radius: Lanes) -> (lower: Lanes, upper: Lanes) {
    // ∞ − ∞ is NaN, which makes both ends unknown.
    let nothing = (sum - sum) + (radius - radius)
    return (below(sum - radius) + nothing, above(sum + radius) + nothing)
  }

  /// One operation on enclosures; at most one operand may depend on the sample.
  static func evaluate(_ node: Node, _ operands: [IntervalTensor]) -> IntervalTensor {
    let position = operands.firstIndex { $0.lanes > 1 } ?? 0
    precondition(
      operands.indices.allSatisfy { $0 == position || operands[$0].lanes == 1 },
      "only one operand may depend on the sample")
    let geometry = SumGeometry(node, varying: position, types: operands.map(\.type))
    let other = operands.indices.first { $0 != position }.map { index in
      RoundedTensor(operands[index], error: operands[index].lower.map { _ in 0 })
    }
    return evaluate(node.type, SumKernel(geometry, w: other), operands[position])
  }

  /// The sums for an x of at most 16 lanes.
  static func evaluate(
    _ type: TensorType, _ kernel: SumKernel, _ x: IntervalTensor
  ) -> IntervalTensor {
    let (lanes, width) = (x.lanes, LaneProducts.lanes)
    let padded = x.padded(to: width)
    let (middle, half) = padded.middleAndHalf
    let isExact = half.allSatisfy { $0 == 0 }
    let operand = SumKernel.Operand(LaneMemory(middle), spread: isExact ? nil : half)
    let enclosure = LinearEnclosure(terms: kernel.geometry.terms)
    var result = IntervalTensor(type, lanes: lanes)
    kernel.forEachTile(operand) { tile in
      for (index, element) in tile.results.enumerated() {
        for first in stride(from: 0, to: lanes, by: Lanes.scalarCount) {
          let i = index * width + first
          let spread = [tile.spread, tile.uncertainty].compactMap(\.self).reduce(Lanes.zero) {
            $0 + Lanes(at: $1 + i)
          }
          let radius = enclosure.radius(size: Lanes(at: tile.size + i), spread: spread)
          let ends = interval(Lanes(at: tile.sum + i), radius)
          for lane in first..<min(first + Lanes.scalarCount, lanes) {
            result.lower[element * lanes + lane] = ends.lower[lane - first]
            result.upper[element * lanes + lane] = ends.upper[lane - first]
          }
        }
      }
    }
    return result
  }

  /// The largest elements along some axes.
  static func maximum(_ x: IntervalTensor, _ axes: [Int], _ type: TensorType) -> IntervalTensor {
    var result = IntervalTensor(type, lanes: x.lanes)
    for (index, group) in SumGeometry.members(of: x.type, axes, type).enumerated() {
      for lane in 0..<x.lanes {
        let positions = group.map { x.position($0, lane) }
        result.lower[result.position(index, lane)] = positions.reduce(-.infinity) {
          maxOrNaN($0, x.lower[$1])
        }
        result.upper[result.position(index, lane)] = positions.reduce(-.infinity) {
          maxOrNaN($0, x.upper[$1])
        }
      }
    }
    return result
  }
}

extension IntervalTensor {
  /// The same elements with at least as many lanes as asked for; additional ones repeat the last.
  func padded(to width: Int) -> IntervalTensor {
    guard lanes < width else { return self }
    func padded(_ ends: [Double]) -> [Double] {
      var result: [Double] = []
      result.reserveCapacity(type.count * width)
      for element in 0..<type.count {
        for lane in 0..<width { result.append(ends[element * lanes + min(lane, lanes - 1)]) }
      }
      return result
    }
    return IntervalTensor(
      type, lanes: width, lower: padded(lower), upper: padded(upper), isExact: isExact)
  }
}
