/// A dense tensor in Double, row-major: what the reference evaluator computes with.
public struct ReferenceTensor: Hashable, Sendable {
  /// The extents.
  public let shape: [Int]
  /// The elements, row-major.
  public var elements: [Double]

  /// A tensor; traps if the count does not fit the shape.
  public init(_ shape: [Int], _ elements: [Double]) {
    precondition(shape.reduce(1, *) == elements.count, "\(elements.count) elements for \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// Every element the same.
  public init(_ shape: [Int], repeating element: Double) {
    self.init(shape, Array(repeating: element, count: shape.reduce(1, *)))
  }

  /// The type.
  public var type: TensorType { TensorType(shape) }
}

/// A walk over the elements of a shape in row-major order, each with an offset that is linear in
/// its coordinates: the common part of every operation that moves elements.
struct StridedWalk {
  let shape: [Int]
  let strides: [Int]
  let start: Int

  init(_ shape: [Int], strides: [Int], start: Int = 0) {
    self.shape = shape
    self.strides = strides
    self.start = start
  }

  /// Row-major strides of a shape.
  static func strides(_ shape: [Int]) -> [Int] {
    var strides = shape
    var step = 1
    for axis in shape.indices.reversed() {
      strides[axis] = step
      step *= shape[axis]
    }
    return strides
  }

  /// Calls the body with each row-major index and the offset.
  @inline(__always)
  func forEach(_ body: (_ index: Int, _ offset: Int) -> Void) {
    guard !shape.contains(0) else { return }
    guard let extent = shape.last, let step = strides.last else { return body(0, start) }
    var coordinates = [Int](repeating: 0, count: shape.count - 1)
    var index = 0
    var offset = start
    while true {
      var place = 0
      while place < extent {
        body(index + place, offset + place * step)
        place += 1
      }
      index += extent
      var axis = coordinates.count - 1
      while axis >= 0 {
        coordinates[axis] += 1
        offset += strides[axis]
        if coordinates[axis] < shape[axis] { break }
        offset -= strides[axis] * shape[axis]
        coordinates[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// The elements at the offsets.
  func gather(_ elements: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: shape.reduce(1, *))
    result.withUnsafeMutableBufferPointer { result in
      elements.withUnsafeBufferPointer { elements in
        forEach { index, offset in result[index] = elements[offset] }
      }
    }
    return result
  }
}
