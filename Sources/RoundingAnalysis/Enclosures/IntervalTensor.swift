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
  var lower: [Double]
  /// Upper ends, element-major.
  var upper: [Double]

  /// Exact elements.
  init(_ type: TensorType, lanes: Int, exactly elements: [Double]) {
    precondition(elements.count == type.count * lanes)
    self.type = type
    self.lanes = lanes
    lower = elements
    upper = elements
  }

  /// Intervals [0, 0].
  init(_ type: TensorType, lanes: Int) {
    self.init(type, lanes: lanes, exactly: Array(repeating: 0, count: type.count * lanes))
  }

  /// Intervals with the same elements under another type.
  init(_ type: TensorType, like other: IntervalTensor) {
    self.type = type
    lanes = other.lanes
    lower = other.lower
    upper = other.upper
  }

  /// The position of element `index` in a lane, or in the only lane.
  func position(_ index: Int, _ lane: Int) -> Int { lanes == 1 ? index : index * lanes + lane }
}

/// The larger number, or NaN if one of them is; `max` may ignore NaN.
func maxOrNaN(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : max(a, b) }

/// The smaller number, or NaN if one of them is.
func minOrNaN(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : min(a, b) }

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
