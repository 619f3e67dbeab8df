import TensorGraph

/// Folds of contiguous runs and of columns eight wide.
enum RunFold {
  /// The sum of a run, pairwise over blocks.
  static func sum(_ run: Elements, _ count: Int) -> Float {
    if count > 1024 {
      let half = (count / 2) & ~7
      return sum(run, half) + sum(run + half, count - half)
    }
    var (a, b) = (Lanes(repeating: 0), Lanes(repeating: 0))
    var i = 0
    while i &+ 16 <= count {
      a += .load(run + i)
      b += .load(run + (i &+ 8))
      i &+= 16
    }
    var total = (a + b).sum()
    while i < count {
      total += run[i]
      i &+= 1
    }
    return total
  }

  /// The largest element of a run of at least one; NaN if any is.
  static func maximum(_ run: Elements, _ count: Int) -> Float {
    var best = -Float.infinity
    var i = 0
    if count >= 8 {
      var lanes = Lanes.load(run)
      i = 8
      while i &+ 8 <= count {
        lanes = .larger(lanes, .load(run + i))
        i &+= 8
      }
      for lane in 0..<8 { best = larger(best, lanes[lane]) }
    }
    while i < count {
      best = larger(best, run[i])
      i &+= 1
    }
    return best
  }

  /// The fold over rows of eight neighboring columns; sums in blocks of 256 rows.
  static func column(
    _ start: Elements, rows: Int, stride: Int, _ fold: Operation.Reduction
  ) -> Lanes {
    if fold == .maximum {
      var best = Lanes.load(start)
      for row in 0..<rows { best = .larger(best, .load(start + row &* stride)) }
      return best
    }
    var total = Lanes(repeating: 0)
    var row = 0
    while row < rows {
      let end = min(rows, row &+ 256)
      var block = Lanes(repeating: 0)
      while row < end {
        block += .load(start + row &* stride)
        row &+= 1
      }
      total += block
    }
    return total
  }

  @inline(__always)
  private static func larger(_ a: Float, _ b: Float) -> Float { a > b || a.isNaN ? a : b }
}
