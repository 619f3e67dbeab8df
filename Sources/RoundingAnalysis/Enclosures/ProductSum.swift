import TensorGraph

/// Accumulates enclosures of Σ w·x, where x has lanes and w is the same for all lanes.
struct ProductSum {
  /// The sums that have been stored.
  private(set) var result: IntervalTensor
  private let lanes: Int
  private let middle: [Double]
  private let spread: [Double]
  private let reach: [Double]
  private let weight: [Double]
  private let weightRadius: [Double]?
  private let inflation: Double
  private let underflow: Double
  private var sum: [Double]
  private var radius: [Double]

  /// Starts sums of at most `terms` products each.
  init(_ x: IntervalTensor, _ w: IntervalTensor, _ type: TensorType, terms: Int) {
    precondition(w.lanes == 1, "only one operand may depend on the sample")
    // γₙ for the sum and the product, with a margin for the rounding of the radius.
    let gamma = Double(terms + 4) * 0x1p-52
    lanes = x.lanes
    let (middle, half) = ProductSum.split(x)
    let (weight, weightHalf) = ProductSum.split(w)
    self.middle = middle
    self.weight = weight
    spread = zip(middle, half).map { abs($0) * gamma + $1 }
    reach = zip(middle, half).map { abs($0) + $1 }
    weightRadius = weightHalf.allSatisfy { $0 == 0 } ? nil : weightHalf
    inflation = 1 + 4 * gamma
    underflow = Double(terms + 4) * 0x1p-1070
    sum = Array(repeating: 0, count: x.lanes)
    radius = sum
    result = IntervalTensor(type, lanes: x.lanes)
  }

  /// Adds the product of element `i` of x and element `j` of w.
  @inline(__always)
  mutating func add(_ i: Int, _ j: Int) {
    let w = weight[j]
    let magnitude = abs(w)
    let base = i * lanes
    let lanes = lanes
    middle.withUnsafeBufferPointer { middle in
      spread.withUnsafeBufferPointer { spread in
        sum.withUnsafeMutableBufferPointer { sum in
          radius.withUnsafeMutableBufferPointer { radius in
            for lane in 0..<lanes {
              sum[lane] += w * middle[base + lane]
              radius[lane] += magnitude * spread[base + lane]
            }
          }
        }
      }
    }
    if let half = weightRadius?[j], half > 0 {
      for lane in 0..<lanes { radius[lane] += half * reach[base + lane] }
    }
  }

  /// Ends the sum of element `index` and starts the next.
  ///
  /// If a sum has overflowed, nothing is known: with the later terms the exact sum may be anywhere.
  mutating func store(_ index: Int) {
    for lane in 0..<lanes {
      let total = sum[lane]
      let bound = radius[lane] * inflation + underflow
      let isKnown = total.isFinite && bound.isFinite
      let unknown: Double = total.isNaN ? .nan : .infinity
      result.lower[index * lanes + lane] = isKnown ? (total - bound).nextDown : -unknown
      result.upper[index * lanes + lane] = isKnown ? (total + bound).nextUp : unknown
      (sum[lane], radius[lane]) = (0, 0)
    }
  }

  /// Midpoints and half-widths that cover the intervals.
  private static func split(_ x: IntervalTensor) -> ([Double], [Double]) {
    var middle = x.lower
    var half = x.lower
    for i in x.lower.indices {
      let (low, high) = (x.lower[i], x.upper[i])
      let center = low == high ? low : low / 2 + high / 2
      middle[i] = center
      half[i] = low == high ? 0 : maxOrNaN((high - center).nextUp, (center - low).nextUp)
    }
    return (middle, half)
  }
}
