import MatrixProducts

/// Numbers of some elements, element-major with one for each lane or one for all lanes, in memory of their own.
final class LaneMemory: @unchecked Sendable {
  /// The number of elements.
  let count: Int
  private let lanes: Int
  private let numbers: UnsafeMutablePointer<Double>

  /// Memory whose numbers have yet to be stored.
  init(unfilled count: Int, lanes: Int = LaneProducts.lanes) {
    (self.count, self.lanes) = (count, lanes)
    numbers = .allocate(capacity: count * lanes)
  }

  /// A copy of numbers.
  convenience init(_ elements: [Double], lanes: Int = LaneProducts.lanes) {
    self.init(unfilled: elements.count / lanes, lanes: lanes)
    store(elements, from: 0)
  }

  deinit { numbers.deallocate() }

  /// The first number; valid as long as the object.
  var start: UnsafeMutablePointer<Double> { numbers }

  /// A copy of the numbers of some elements.
  func array(_ elements: Range<Int>) -> [Double] {
    precondition(elements.lowerBound >= 0 && elements.upperBound <= count)
    let first = numbers + elements.lowerBound * lanes
    return Array(UnsafeBufferPointer(start: first, count: elements.count * lanes))
  }

  /// A copy of all numbers.
  var array: [Double] { array(0..<count) }

  /// Stores the numbers of consecutive elements.
  func store(_ elements: [Double], from first: Int) {
    precondition(first * lanes + elements.count <= count * lanes)
    elements.withUnsafeBufferPointer { elements in
      guard let source = elements.baseAddress else { return }
      (numbers + first * lanes).update(from: source, count: elements.count)
    }
  }
}
