import ModelIR
import RealModule

/// A picture of house-number style: a digit in the middle, often others cut off beside it, all in one
/// color on a background that changes from one color to another.
///
/// Size, position, slant, rotation, stroke width, colors and neighbors are drawn for each picture. The
/// digits are brighter or darker than the background by 0.3 to 0.5.
struct DigitScene {
  private let height: Int
  private let width: Int
  private let segments: [DigitGlyph.Segment]
  /// Half a stroke's width, in pixels.
  private let radius: Double
  private let ink: [Double]
  private let paper: [Double]
  /// The change of the background for each color, from one end of the picture to the other.
  private let shade: [Double]
  /// The direction in which the background changes.
  private let direction: (x: Double, y: Double)

  /// - Parameters:
  ///   - digit: the digit in the middle.
  ///   - shape: colors (1 or 3), height, width.
  ///   - draw: the number drawn for an index, in [0, 1).
  init(digit: Int, shape: [Int], draw: (Int) -> Double) {
    height = shape[1]
    width = shape[2]
    func between(_ index: Int, _ low: Double, _ high: Double) -> Double {
      low + draw(index) * (high - low)
    }
    let size = Double(min(height, width))
    radius = size * between(0, 0.045, 0.08)
    let angle = between(1, 0, 2 * .pi)
    direction = (Double.cos(angle), Double.sin(angle))
    let brightness = between(2, 0.1, 0.9)
    let contrast = between(3, 0.3, 0.5)
    let isBrighter =
      brightness + contrast <= 1 && (brightness - contrast < 0 || draw(4) < 0.5)
    let channels = 0..<shape[0]
    paper = channels.map { brightness + between(10 + $0, -0.1, 0.1) }
    ink = channels.map {
      brightness + (isBrighter ? contrast : -contrast) + between(13 + $0, -0.1, 0.1)
    }
    shade = channels.map { between(16 + $0, -0.15, 0.15) }
    segments = Self.glyphs(digit: digit, height: height, width: width, size: size, between)
  }

  /// The digit and its neighbors in pixels.
  private static func glyphs(
    digit: Int, height: Int, width: Int, size: Double,
    _ between: (Int, Double, Double) -> Double
  ) -> [DigitGlyph.Segment] {
    let scale = size * between(20, 0.55, 0.75)
    let (turn, slant) = (between(21, -0.15, 0.15), between(22, -0.2, 0.2))
    let center = (
      x: Double(width) / 2 + size * between(23, -0.07, 0.07),
      y: Double(height) / 2 + size * between(24, -0.07, 0.07)
    )
    let (cosine, sine) = (Double.cos(turn), Double.sin(turn))
    func place(_ shift: Double) -> (Double, Double) -> (Double, Double) {
      { x, y in
        let (u, v) = (scale * (x - slant * y) + shift, scale * y)
        return (center.x + cosine * u - sine * v, center.y + sine * u + cosine * v)
      }
    }
    var segments = DigitGlyph.segments(of: digit, place(0))
    for (side, sign) in [-1.0, 1].enumerated() where between(30 + side, 0, 1) < 0.5 {
      let neighbor = Int(between(32 + side, 0, 10))
      segments += DigitGlyph.segments(
        of: neighbor, place(sign * scale * between(34 + side, 0.85, 1.05)))
    }
    return segments
  }

  /// Channel after channel, row after row: paper and ink mixed, without noise and not yet clamped.
  ///
  /// - Parameter contrast: the factor of the difference between ink and paper.
  func values(contrast: Double) -> [Double] {
    let coverage = (0..<height * width).map { covered($0 / width, $0 % width) }
    return paper.indices.flatMap { channel in
      coverage.indices.map { pixel in
        let ground = paper[channel] + shade[channel] * slope(pixel / width, pixel % width)
        return ground + contrast * coverage[pixel] * (ink[channel] - ground)
      }
    }
  }

  /// The share of a pixel that ink covers.
  private func covered(_ row: Int, _ column: Int) -> Double {
    let (x, y) = (Double(column) + 0.5, Double(row) + 0.5)
    var nearest = Double.infinity
    for segment in segments { nearest = min(nearest, segment.squaredDistance(x, y)) }
    return min(1, max(0, radius - nearest.squareRoot() + 0.5))
  }

  /// From about −1 to 1 along the direction of the background.
  private func slope(_ row: Int, _ column: Int) -> Double {
    let x = (2 * Double(column) + 1) / Double(width) - 1
    let y = (2 * Double(row) + 1) / Double(height) - 1
    return direction.x * x + direction.y * y
  }
}

/// The ten digits as strokes.
private enum DigitGlyph {
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
