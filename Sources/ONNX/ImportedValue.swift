/// What a name in an ONNX graph stands for while it is imported.
enum ImportedValue {
  case activation(Activation)
  case constant(ONNXConstant)
  /// The first or the second half of an activation's channels.
  case half(Activation, isSecond: Bool)
  /// The larger or the smaller of each two elements that have the same place in both halves of an activation's
  /// channels.
  case extremes(Activation, isSmaller: Bool)
  /// The extents of an activation as a vector of integers; the batch's extent is ``batch``.
  static let batch = Int.min
}

/// The output of a layer, as an ONNX graph sees it.
struct Activation {
  /// The layer, or `input`.
  let layer: String
  /// The shape of a sample of the layer's output.
  let made: [Int]
  /// The extents that the graph sees, without the batch.
  var shape: [Int]
  /// For each element in the graph's order, its place in the layer's output; nil if they are the same.
  ///
  /// So a transposition costs nothing until a layer needs its input in order.
  var places: [Int]?

  init(_ layer: String, _ made: [Int], shape: [Int]? = nil, places: [Int]? = nil) {
    (self.layer, self.made, self.shape) = (layer, made, shape ?? made)
    self.places = places
  }

  var count: Int { made.reduce(1, *) }

  /// The same elements under other extents.
  func viewed(as shape: [Int]) -> Activation {
    Activation(layer, made, shape: shape, places: places)
  }

  /// The axes in another order.
  func transposed(_ order: [Int]) -> Activation {
    let target = order.map { shape[$0] }
    let strides = Self.strides(shape)
    var moved = [Int]()
    moved.reserveCapacity(count)
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<count {
      let place = zip(index, order).reduce(0) { $0 + $1.0 * strides[$1.1] }
      moved.append(places?[place] ?? place)
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < target[axis] { break }
        index[axis] = 0
      }
    }
    let isInOrder = moved.indices.allSatisfy { moved[$0] == $0 }
    return Activation(layer, made, shape: target, places: isInOrder ? nil : moved)
  }

  private static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }
}
