/// Loops over the elements and lanes of tensors, written so that the compiler vectorizes their bodies.
enum LaneLoop {
  /// One array from arrays of the same length.
  @inline(__always)
  static func map(_ a: [Double], _ body: (Double) -> Double) -> [Double] {
    a.withUnsafeBufferPointer { a in
      Array(unsafeUninitializedCapacity: a.count) { out, count in
        for i in 0..<a.count { out.initializeElement(at: i, to: body(a[i])) }
        count = a.count
      }
    }
  }

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

  @inline(__always)
  static func map(
    _ a: [Double], _ b: [Double], _ c: [Double], _ body: (Double, Double, Double) -> Double
  ) -> [Double] {
    precondition(a.count == b.count && b.count == c.count)
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeBufferPointer { c in
          Array(unsafeUninitializedCapacity: a.count) { out, count in
            for i in 0..<a.count { out.initializeElement(at: i, to: body(a[i], b[i], c[i])) }
            count = a.count
          }
        }
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

  /// Calls `body` with the positions of every element and lane in two operands and in the result, where
  /// an operand with one lane is the same for all.
  @inline(__always)
  static func forEach(
    _ count: Int, lanes: Int, _ first: Int, _ second: Int, _ body: (Int, Int, Int) -> Void
  ) {
    switch (first == lanes, second == lanes) {
    case (true, true):
      for i in 0..<count * lanes { body(i, i, i) }
    case (true, false):
      for element in 0..<count {
        for i in element * lanes..<(element + 1) * lanes { body(i, element, i) }
      }
    case (false, true):
      for element in 0..<count {
        for i in element * lanes..<(element + 1) * lanes { body(element, i, i) }
      }
    case (false, false):
      for element in 0..<count {
        for i in element * lanes..<(element + 1) * lanes { body(element, element, i) }
      }
    }
  }
}
