import ModelIR
import Numerics

/// A picture of house-number style: a digit in the middle, often others cut off beside it, all in one
/// colour on a background that changes from one colour to another.
///
/// Size, place, slant, turn, stroke width, colours and neighbours are drawn for each picture. The
/// digits are brighter or darker than the background by 0.3 to 0.5.
struct DigitScene {
  private let height: Int
  private let width: Int
  private let segments: [DigitGlyph.Segment]
  /// Half a stroke's width, in pixels.
  private let radius: Double
  private let ink: [Double]
  private let paper: [Double]
  /// The change of the background for each colour, from one end of the picture to the other.
  private let shade: [Double]
  /// The direction in which the background changes.
  private let direction: (x: Double, y: Double)

  /// A scene.
  ///
  /// - Parameters:
  ///   - digit: what stands in the middle.
  ///   - shape: colours (1 or 3), height, width.
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

  /// The digit and its neighbours in pixels.
  private static func glyphs(
    digit: Int, height: Int, width: Int, size: Double,
    _ between: (Int, Double, Double) -> Double
  ) -> [DigitGlyph.Segment] {
    let scale = size * between(20, 0.55, 0.75)
    let (turn, slant) = (between(21, -0.15, 0.15), between(22, -0.2, 0.2))
    let centre = (
      x: Double(width) / 2 + size * between(23, -0.07, 0.07),
      y: Double(height) / 2 + size * between(24, -0.07, 0.07)
    )
    let (cosine, sine) = (Double.cos(turn), Double.sin(turn))
    func place(_ shift: Double) -> (Double, Double) -> (Double, Double) {
      { x, y in
        let (u, v) = (scale * (x - slant * y) + shift, scale * y)
        return (centre.x + cosine * u - sine * v, centre.y + sine * u + cosine * v)
      }
    }
    var segments = DigitGlyph.segments(of: digit, place(0))
    for (side, sign) in [-1.0, 1].enumerated() where between(30 + side, 0, 1) < 0.5 {
      let neighbour = Int(between(32 + side, 0, 10))
      segments += DigitGlyph.segments(
        of: neighbour, place(sign * scale * between(34 + side, 0.85, 1.05)))
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
