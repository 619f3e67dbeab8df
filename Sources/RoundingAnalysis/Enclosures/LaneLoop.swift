/// Loops over the elements and lanes of tensors, written so that the compiler vectorizes their bodies.
enum LaneLoop {
  /// One array from two of the same length.
  @inline(__always)
  static func map(_ a: [Double], _ b: [Double], _ body: (Double, Double) -> Double) -> [Double] {
    precondition(a.count == b.count)
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        Array(unsafeUninitializedCapacity: a.count) { out, count in
          for i in 0..<a.count { out.initializeElement(at: i, to: body(a[i], b[i])) }
          count = a.count
        }
      }
    }
  }

  /// Calls `body` with the positions of every element and lane in two operands and in the result, where
  /// an operand with one lane is the same for all.
  @inline(__always)
  static func forEach(
    _ count: Int, lanes: Int, _ first: Int, _ second: Int, _ body: (Int, Int, Int) -> Void
  ) {
    for element in 0..<count {
      for lane in 0..<lanes {
        let place = element * lanes + lane
        body(first == 1 ? element : place, second == 1 ? element : place, place)
      }
    }
  }

  /// Two arrays at once, such as both ends of intervals, from the ends of one operand.
  @inline(__always)
  static func ends(
    _ lower: [Double], _ upper: [Double], _ body: (Double, Double) -> (Double, Double)
  ) -> (lower: [Double], upper: [Double]) {
    precondition(lower.count == upper.count)
    var high: [Double] = []
    let low = [Double](unsafeUninitializedCapacity: lower.count) { low, count in
      high = [Double](unsafeUninitializedCapacity: lower.count) { high, count in
        for i in lower.indices {
          let (a, b) = body(lower[i], upper[i])
          low.initializeElement(at: i, to: a)
          high.initializeElement(at: i, to: b)
        }
        count = lower.count
      }
      count = lower.count
    }
    return (low, high)
  }

  /// The numbers of all elements and lanes, element-major, from a body that gives two lanes of an element.
  ///
  /// - Parameter lanes: 1 or an even number; of 1 the body's first number is taken.
  @inline(__always)
  static func fill(_ count: Int, lanes: Int, _ body: (Int, Int) -> Lanes) -> [Double] {
    [Double](unsafeUninitializedCapacity: count * lanes) { out, filled in
      forEachPair(count, lanes: lanes) { element, lane in
        store(body(element, lane), to: out, element * lanes + lane, lanes)
      }
      filled = count * lanes
    }
  }

  /// Two arrays in the same way.
  @inline(__always)
  static func fill(
    _ count: Int, lanes: Int, _ body: (Int, Int) -> (Lanes, Lanes)
  ) -> ([Double], [Double]) {
    var second: [Double] = []
    let first = [Double](unsafeUninitializedCapacity: count * lanes) { first, filled in
      second = [Double](unsafeUninitializedCapacity: count * lanes) { second, filled in
        forEachPair(count, lanes: lanes) { element, lane in
          let (a, b) = body(element, lane)
          store(a, to: first, element * lanes + lane, lanes)
          store(b, to: second, element * lanes + lane, lanes)
        }
        filled = count * lanes
      }
      filled = count * lanes
    }
    return (first, second)
  }

  @inline(__always)
  private static func forEachPair(_ count: Int, lanes: Int, _ body: (Int, Int) -> Void) {
    precondition(lanes == 1 || lanes % Lanes.scalarCount == 0)
    for element in 0..<count {
      for lane in stride(from: 0, to: lanes, by: Lanes.scalarCount) { body(element, lane) }
    }
  }

  @inline(__always)
  private static func store(
    _ numbers: Lanes, to out: UnsafeMutableBufferPointer<Double>, _ place: Int, _ lanes: Int
  ) {
    guard let start = out.baseAddress else { return }
    if lanes == 1 { start[place] = numbers[0] } else { numbers.store(to: start + place) }
  }
}

/// Numbers of an operand, with one for each lane or one for all.
struct LaneReader {
  private let numbers: [Double]
  private let lanes: Int

  init(_ numbers: [Double], lanes: Int) {
    precondition(lanes == 1 || lanes % Lanes.scalarCount == 0)
    (self.numbers, self.lanes) = (numbers, lanes)
  }

  /// Two lanes of an element.
  @inline(__always)
  subscript(element: Int, lane: Int) -> Lanes {
    guard lanes > 1 else { return Lanes(repeating: numbers[element]) }
    let first = element * lanes + lane
    return Lanes(numbers[first], numbers[first + 1])
  }
}

/// Intervals of an operand in the same way.
struct EndsReader {
  private let lower: LaneReader
  private let upper: LaneReader

  init(_ intervals: IntervalTensor) {
    lower = LaneReader(intervals.lower, lanes: intervals.lanes)
    upper = LaneReader(intervals.upper, lanes: intervals.lanes)
  }

  @inline(__always)
  subscript(element: Int, lane: Int) -> Ends { Ends(lower[element, lane], upper[element, lane]) }
}
