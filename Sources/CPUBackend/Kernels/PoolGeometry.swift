import TensorGraph

/// The windows over one plane.
struct PoolGeometry: Sendable {
  let height, width, outHeight, outWidth: Int
  let window: PoolWindow

  /// Elements of the plane.
  var inCount: Int { height * width }
  /// Number of windows.
  var outCount: Int { outHeight * outWidth }

  /// Sums over windows.
  func sum(_ x: Elements, into y: Elements) {
    forEachWindow { index, rows, columns in
      var total: Float = 0
      for row in rows {
        for column in columns { total += x[row &* width &+ column] }
      }
      y[index] = total
    }
  }

  /// Adds each window's number to all its elements.
  func spread(_ dy: Elements, into dx: Elements) {
    dx.update(repeating: 0, count: inCount)
    forEachWindow { index, rows, columns in
      let value = dy[index]
      for row in rows {
        for column in columns { dx[row &* width &+ column] += value }
      }
    }
  }

  /// The element of t where x is largest.
  func select(_ x: Elements, _ t: Elements, into y: Elements) {
    forEachWindow { index, rows, columns in
      let place = firstMaximum(x, rows, columns)
      y[index] = place < 0 ? 0 : t[place]
    }
  }

  /// Adds each window's number to the element where x is largest.
  func scatter(_ x: Elements, _ dy: Elements, into dx: Elements) {
    dx.update(repeating: 0, count: inCount)
    forEachWindow { index, rows, columns in
      let place = firstMaximum(x, rows, columns)
      if place >= 0 { dx[place] += dy[index] }
    }
  }

  /// Place of the first maximum in row-major order, a NaN counting as the largest; −1 if the
  /// window lies in the padding.
  @inline(__always)
  private func firstMaximum(_ x: Elements, _ rows: Range<Int>, _ columns: Range<Int>) -> Int {
    if rows.isEmpty || columns.isEmpty { return -1 }
    var place = rows.lowerBound &* width &+ columns.lowerBound
    var best = x[place]
    for row in rows {
      for column in columns {
        let candidate = x[row &* width &+ column]
        if candidate > best || (candidate.isNaN && !best.isNaN) {
          best = candidate
          place = row &* width &+ column
        }
      }
    }
    return place
  }

  @inline(__always)
  private func forEachWindow(_ body: (_ index: Int, Range<Int>, Range<Int>) -> Void) {
    for i in 0..<outHeight {
      let rows = inside(0, i, height)
      for j in 0..<outWidth { body(i &* outWidth &+ j, rows, inside(1, j, width)) }
    }
  }

  @inline(__always)
  private func inside(_ axis: Int, _ index: Int, _ extent: Int) -> Range<Int> {
    let start = index &* window.strides[axis] &- window.paddingLow[axis]
    let low = min(max(0, start), extent)
    return low..<max(low, min(extent, start &+ window.kernel[axis]))
  }
}
