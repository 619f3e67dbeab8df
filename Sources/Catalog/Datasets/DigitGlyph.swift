/// The ten digits as strokes, for ``DigitScene``.
enum DigitGlyph {
  /// A line between two points.
  struct Segment {
    let x: Double
    let y: Double
    let dx: Double
    let dy: Double

    /// The square of the distance of a point.
    func squaredDistance(_ px: Double, _ py: Double) -> Double {
      let length = dx * dx + dy * dy
      let along = length > 0 ? ((px - x) * dx + (py - y) * dy) / length : 0
      let place = min(1, max(0, along))
      let (ex, ey) = (px - x - place * dx, py - y - place * dy)
      return ex * ex + ey * ey
    }
  }

  /// The segments of a digit, its points mapped from a box of width 0.6 and height 1 about 0.
  static func segments(
    of digit: Int, _ place: (_ x: Double, _ y: Double) -> (Double, Double)
  ) -> [Segment] {
    strokes[digit].flatMap { stroke in
      let points = stroke.map { place(Double($0.0 - 3) / 10, Double($0.1 - 5) / 10) }
      return zip(points, points.dropFirst()).map { start, end in
        Segment(x: start.0, y: start.1, dx: end.0 - start.0, dy: end.1 - start.1)
      }
    }
  }

  /// Strokes as points (x, y), x from 0 to 6 rightwards, y from 0 to 10 downwards.
  private static let strokes: [[[(Int, Int)]]] = [
    [[(2, 0), (4, 0), (6, 3), (6, 7), (4, 10), (2, 10), (0, 7), (0, 3), (2, 0)]],
    [[(1, 2), (3, 0), (3, 10)]],
    [[(0, 2), (1, 0), (5, 0), (6, 2), (6, 4), (0, 10), (6, 10)]],
    [
      [(0, 1), (2, 0), (5, 0), (6, 2), (5, 4), (3, 5)],
      [(3, 5), (5, 5), (6, 7), (5, 10), (2, 10), (0, 9)],
    ],
    [[(4, 10), (4, 0), (0, 7), (6, 7)]],
    [[(6, 0), (1, 0), (0, 5), (4, 4), (6, 6), (5, 9), (3, 10), (0, 9)]],
    [[(5, 0), (2, 2), (0, 6), (1, 9), (3, 10), (5, 9), (6, 7), (5, 5), (2, 5), (0, 7)]],
    [[(0, 0), (6, 0), (2, 10)]],
    [
      [(3, 5), (1, 4), (1, 1), (3, 0), (5, 1), (5, 4), (3, 5)],
      [(3, 5), (0, 7), (1, 9), (3, 10), (5, 9), (6, 7), (3, 5)],
    ],
    [[(1, 10), (4, 8), (6, 4), (5, 1), (3, 0), (1, 1), (0, 3), (1, 5), (4, 5), (6, 3)]],
  ]
}
