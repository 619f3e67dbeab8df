import Enclosure
import Glibc

/// The images of an ``ImageFront`` on tori with a common number of cells along each axis.
///
/// A cell has the positions of an image that belong to one position of the last: as many along an axis as the product
/// of the strides between them.
struct FrontCells: Sendable {
  /// An image's channels and the positions of a cell.
  struct Level: Sendable {
    let channels: Int
    let side: [Int]
    /// The elements of a cell.
    var count: Int { channels * side[0] * side[1] }
  }

  let levels: [Level]
  let extent: [Int]
  private let circles: [[(cos: Double, sin: Double)]]

  init(_ stencils: [Stencil]) {
    var side = [1, 1]
    var (levels, extent) = ([Level](), [1, 1])
    for stencil in stencils.reversed() {
      levels.append(Level(channels: stencil.output[0], side: side))
      for axis in 0..<2 {
        let offsets = stencil.taps.map { $0.offset[axis] }
        let (least, most) = (min(0, offsets.min() ?? 0), offsets.max() ?? 0)
        let output = (stencil.output[axis + 1] + side[axis] - 1) / side[axis]
        side[axis] *= stencil.stride[axis]
        // Reads are between `least` and `last`; one below 0 must come out above the image, none may reach its end.
        let last = stencil.stride[axis] * (stencil.output[axis + 1] - 1) + most
        let positions = max(stencil.input[axis + 1] - least, last + 1)
        extent[axis] = max(extent[axis], output, (positions + side[axis] - 1) / side[axis])
      }
    }
    levels.append(Level(channels: stencils.first?.input[0] ?? 0, side: side))
    self.levels = levels.reversed()
    self.extent = extent
    circles = extent.map { count in
      (0..<count).map { index in
        let angle = 2 * Double.pi * (Double(index) / Double(count))
        return (cos(angle), sin(angle))
      }
    }
  }

  /// One of every pair ±ω.
  var frequencies: [[Int]] {
    (0..<extent[0]).flatMap { h in
      (0..<extent[1]).compactMap { w in
        let opposite = [(extent[0] - h) % extent[0], (extent[1] - w) % extent[1]]
        return (h, w) <= (opposite[0], opposite[1]) ? [h, w] : nil
      }
    }
  }

  /// What a frequency counts in the mean over all, its opposite included.
  func share(of frequency: [Int]) -> Double {
    let isOwn = (0..<2).allSatisfy { 2 * frequency[$0] % extent[$0] == 0 }
    return (isOwn ? 1 : 2) / Double(extent[0] * extent[1])
  }

  /// e^{iω·a} for a distance a of cells, each part within 2⁻⁴⁶.
  func wave(_ frequency: [Int], _ cell: [Int]) -> (re: Double, im: Double) {
    let parts = (0..<2).map { axis in
      let turns = frequency[axis] * cell[axis] % extent[axis]
      return circles[axis][(turns + extent[axis]) % extent[axis]]
    }
    return (
      parts[0].cos * parts[1].cos - parts[0].sin * parts[1].sin,
      parts[0].cos * parts[1].sin + parts[0].sin * parts[1].cos
    )
  }

  /// The elements of a stencil's matrix of cells, each with its place and the distance of the cell that it reads.
  func forEachElement(
    _ stencil: Stencil, stage: Int,
    _ body: (_ row: Int, _ column: Int, _ cell: [Int], _ value: Double) -> Void
  ) {
    let (from, to) = (levels[stage], levels[stage + 1])
    let (filters, channels) = (stencil.output[0] / stencil.groups, stencil.channelsPerGroup)
    for y in 0..<to.side[0] {
      for x in 0..<to.side[1] {
        for tap in stencil.taps {
          let read = [y * stencil.stride[0] + tap.offset[0], x * stencil.stride[1] + tap.offset[1]]
          let cell = (0..<2).map { Int((Double(read[$0]) / Double(from.side[$0])).rounded(.down)) }
          let inside = (0..<2).map { read[$0] - cell[$0] * from.side[$0] }
          for m in 0..<stencil.output[0] {
            for c in 0..<channels {
              let channel = m / filters * channels + c
              body(
                (m * to.side[0] + y) * to.side[1] + x,
                (channel * from.side[0] + inside[0]) * from.side[1] + inside[1], cell,
                tap.matrix[m * channels + c])
            }
          }
        }
      }
    }
  }
}
