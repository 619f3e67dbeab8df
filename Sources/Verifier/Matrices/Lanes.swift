import MatrixProducts

/// A number for each of sixteen vectors.
typealias LaneVector = SIMD16<Double>

/// Numbers of sixteen vectors side by side: element i of vector l is at 16i + l.
///
/// The memory is shared by whoever holds the object; nobody writes to it after it has been filled.
final class Lanes: @unchecked Sendable {
  /// Vectors: as many as ``LaneVector`` has numbers and ``LaneProducts`` multiplies.
  static let width = 16

  /// Elements of a vector.
  let count: Int
  /// Element by element.
  let vectors: UnsafeMutablePointer<LaneVector>
  /// The same memory, number by number.
  let base: UnsafeMutablePointer<Double>

  /// Memory whose contents are undefined.
  init(unfilled count: Int) {
    precondition(Self.width == LaneProducts.lanes)
    self.count = count
    vectors = .allocate(capacity: max(1, count))
    base = UnsafeMutableRawPointer(vectors).assumingMemoryBound(to: Double.self)
  }

  /// All elements the same number.
  convenience init(_ count: Int, repeating number: Double) {
    self.init(unfilled: count)
    base.update(repeating: number, count: count * Self.width)
  }

  deinit { vectors.deallocate() }

  @inline(__always)
  subscript(element: Int, lane: Int) -> Double {
    get { base[element * Self.width + lane] }
    set { base[element * Self.width + lane] = newValue }
  }

  /// The elements of one vector.
  func vector(_ lane: Int) -> [Double] { (0..<count).map { self[$0, lane] } }
}

/// New vectors from old ones.
extension Lanes {
  /// The elements at some places, in their order.
  func selecting(_ places: [Int32]) -> Lanes {
    let result = Lanes(unfilled: places.count)
    for (index, place) in places.enumerated() {
      (result.base + index * Self.width).update(
        from: base + Int(place) * Self.width, count: Self.width)
    }
    return result
  }

  /// The elements at some places among as many zeros as are needed.
  func placed(_ places: [Int32], among total: Int) -> Lanes {
    let result = Lanes(total, repeating: 0)
    for (index, place) in places.enumerated() {
      (result.base + Int(place) * Self.width).update(
        from: base + index * Self.width, count: Self.width)
    }
    return result
  }

  func plus(_ other: Lanes) -> Lanes {
    let result = Lanes(unfilled: count)
    for i in 0..<count * Self.width { result.base[i] = base[i] + other.base[i] }
    return result
  }

  func scaled(by factor: Double) -> Lanes {
    let result = Lanes(unfilled: count)
    for i in 0..<count * Self.width { result.base[i] = base[i] * factor }
    return result
  }
}
