import TensorGraph

/// Intervals that contain the exact elements of a tensor, for several samples at once.
///
/// A tensor that depends on the sample has one lane for each sample, as the innermost axis. Weights and
/// constants have one lane. Intervals are Doubles `[lower, upper]`; NaN at either end means that nothing is
/// known.
struct IntervalTensor: Sendable {
  /// The type of one sample's tensor.
  let type: TensorType
  /// The number of samples, or 1.
  let lanes: Int
  /// Lower ends, element-major.
  var lower: [Double] { didSet { isExact = false } }
  /// Upper ends, element-major.
  var upper: [Double] { didSet { isExact = false } }
  /// Whether both ends of all intervals are known to be equal, so that half of the work may be left out.
  private(set) var isExact: Bool

  /// Intervals with the given ends.
  init(
    _ type: TensorType, lanes: Int, lower: [Double], upper: [Double], isExact: Bool = false
  ) {
    precondition(lower.count == type.count * lanes && upper.count == lower.count)
    (self.type, self.lanes) = (type, lanes)
    (self.lower, self.upper, self.isExact) = (lower, upper, isExact)
  }

  /// Exact elements.
  init(_ type: TensorType, lanes: Int, exactly elements: [Double]) {
    self.init(type, lanes: lanes, lower: elements, upper: elements, isExact: true)
  }

  /// Intervals [0, 0].
  init(_ type: TensorType, lanes: Int) {
    let zeros = Array(repeating: 0.0, count: type.count * lanes)
    self.init(type, lanes: lanes, lower: zeros, upper: zeros)
  }

  /// Intervals with the same elements under another type.
  init(_ type: TensorType, like other: IntervalTensor) {
    self.init(
      type, lanes: other.lanes, lower: other.lower, upper: other.upper, isExact: other.isExact)
  }

  /// The position of element `index` in a lane, or in the only lane.
  func position(_ index: Int, _ lane: Int) -> Int { lanes == 1 ? index : index * lanes + lane }

  /// Some consecutive elements as a vector.
  func slice(_ range: Range<Int>) -> IntervalTensor {
    guard range.count < type.count else {
      return IntervalTensor(TensorType([type.count]), like: self)
    }
    let places = range.lowerBound * lanes..<range.upperBound * lanes
    if isExact {
      return IntervalTensor(
        TensorType([range.count]), lanes: lanes, exactly: Array(lower[places]))
    }
    return IntervalTensor(
      TensorType([range.count]), lanes: lanes, lower: Array(lower[places]),
      upper: Array(upper[places]))
  }

  /// Intervals with the given radius in each lane around these.
  func around(_ radii: [Double]) -> IntervalTensor {
    let positions = lower.indices
    return IntervalTensor(
      type, lanes: lanes, lower: positions.map { below(lower[$0] - radii[$0 % lanes]) },
      upper: positions.map { above(upper[$0] + radii[$0 % lanes]) })
  }

  /// Middles, and half-widths that cover the intervals.
  ///
  /// No half-widths if all intervals are known to be points.
  var middleAndHalf: (middle: [Double], half: [Double]) {
    if isExact { return (lower, []) }
    let ends = EndsReader(self)
    return LaneLoop.fill(type.count, lanes: lanes) { ends[$0, $1].middleAndHalf }
  }
}

/// At least the next larger number.
///
/// Without branches, so that loops become vector instructions: 2u|x| + 2⁻¹⁰⁰⁰ is at least the distance to
/// the next number, and the rounded sum is not below that number (Rump, Zimmermann, Boldo, Melquiond
/// 2009, "Computing predecessor and successor in rounding to nearest"). ∞ and NaN become ∞ or NaN.
@inline(__always)
func above(_ x: Double) -> Double { x + (x.magnitude * 0x1p-52 + 0x1p-1000) }

/// At most the next smaller number; ∞ and NaN become −∞ or NaN.
@inline(__always)
func below(_ x: Double) -> Double { x - (x.magnitude * 0x1p-52 + 0x1p-1000) }

/// The larger number, or NaN if one of them is; `max` may ignore NaN.
@inline(__always)
func maxOrNaN(_ a: Double, _ b: Double) -> Double {
  let larger = a > b ? a : b
  return a != a ? a : larger
}

/// The smaller number, or NaN if one of them is.
@inline(__always)
func minOrNaN(_ a: Double, _ b: Double) -> Double {
  let smaller = a < b ? a : b
  return a != a ? a : smaller
}

/// Row-major strides of a shape.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: shape.count)
  for axis in stride(from: shape.count - 2, through: 0, by: -1) {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  return strides
}

/// Calls `body` with the coordinates of every element of a shape in row-major order.
func forEachCoordinate(of shape: [Int], _ body: (Int, [Int]) -> Void) {
  let count = shape.reduce(1, *)
  var coordinate = Array(repeating: 0, count: shape.count)
  for index in 0..<count {
    body(index, coordinate)
    var axis = shape.count - 1
    while axis >= 0 {
      coordinate[axis] += 1
      if coordinate[axis] < shape[axis] { break }
      coordinate[axis] = 0
      axis -= 1
    }
  }
}
