import Enclosure
import ModelIR
import TensorGraph

/// The images of a ``ConvolutionalFront`` on tori of a common number of cells, so large that no window wraps around
/// to an element.
///
/// A cell holds the positions of an image that one position of the last image belongs to, by the strides between
/// them: with phases (p, q) and C channels its vector has C·p·q elements. On the torus a convolution is a circular
/// map of cells, which the discrete Fourier transform makes a matrix for each frequency.
struct FrontTorus: Sendable {
  /// One image.
  struct Level: Sendable {
    let channels: Int
    /// The positions of a cell along each axis.
    let phases: [Int]

    /// The elements of a cell.
    var count: Int { channels * phases[0] * phases[1] }
    /// The positions of a cell.
    var area: Int { phases[0] * phases[1] }

    func index(_ channel: Int, _ row: Int, _ column: Int) -> Int {
      (channel * phases[0] + row) * phases[1] + column
    }
  }

  /// Where a tap of a window at a position of a cell reads: the cell's distance and the position within it.
  struct Read {
    let tap: Int
    let output: [Int]
    let cell: [Int]
    let input: [Int]
  }

  /// Cells along each axis.
  let extent: [Int]
  /// The argument's image, then those of the activations.
  let levels: [Level]
  /// One of each pair of conjugate frequencies.
  let frequencies: [(Int, Int)]
  private let tables: [RootsOfUnity]

  /// Nil for a front whose argument is not an image.
  init?(_ front: ConvolutionalFront) {
    var levels: [Level] = []
    var phases = [1, 1]
    var cells = [1, 1]
    for stage in front.stages.reversed() {
      guard case .convolution(_, let window, let input, let filters) = stage.convolution.form,
        input.count == 3, let output = window.outputExtent([input[1], input[2]])
      else { return nil }
      levels.insert(Level(channels: filters, phases: phases), at: 0)
      for axis in 0..<2 {
        cells[axis] = max(cells[axis], Self.cells(output[axis], phases[axis]))
        phases[axis] *= window.strides[axis]
        let last =
          window.strides[axis] * (output[axis] - 1) - window.paddingLow[axis]
          + window.dilations[axis] * (window.kernel[axis] - 1)
        let positions = max(input[axis + 1] + max(0, window.paddingLow[axis]), last + 1)
        cells[axis] = max(cells[axis], Self.cells(positions, phases[axis]))
      }
      if levels.count == front.stages.count {
        levels.insert(Level(channels: input[0], phases: phases), at: 0)
      }
    }
    let extent = cells
    self.levels = levels
    self.extent = extent
    tables = extent.map { RootsOfUnity($0) }
    // Of the frequencies h = 0 and h = N/2, −ω has the same h.
    frequencies = (0...extent[0] / 2).flatMap { h -> [(Int, Int)] in
      let isOwnConjugate = 2 * h % extent[0] == 0
      return (0...(isOwnConjugate ? extent[1] / 2 : extent[1] - 1)).map { (h, $0) }
    }
  }

  /// The cells that so many positions take.
  private static func cells(_ positions: Int, _ phases: Int) -> Int {
    (positions + phases - 1) / phases
  }

  var cells: Int { extent[0] * extent[1] }

  /// The part of all frequencies that one of each pair stands for: 1/N for its own conjugate, else 2/N.
  func share(of frequency: (Int, Int)) -> Double {
    let isOwn = 2 * frequency.0 % extent[0] == 0 && 2 * frequency.1 % extent[1] == 0
    return (isOwn ? 1 : 2) / Double(cells)
  }

  /// e^{iω·a} for a distance of cells; each part is within 2⁻⁴⁷ of the exact one.
  func wave(_ frequency: (Int, Int), _ cell: [Int]) -> (real: Double, imaginary: Double) {
    let (ch, sh) = root(0, frequency.0 * cell[0])
    let (cw, sw) = root(1, frequency.1 * cell[1])
    return (ch * cw - sh * sw, ch * sw + sh * cw)
  }

  private func root(_ axis: Int, _ index: Int) -> (Double, Double) {
    let count = extent[axis]
    let place = (index % count + count) % count
    return (tables[axis].cosines[place], tables[axis].sines[place])
  }

  /// The reads of all windows of a cell of level `stage` + 1.
  func reads(_ window: ConvolutionWindow, stage: Int) -> [Read] {
    let (from, to) = (levels[stage], levels[stage + 1])
    return (0..<to.area * window.kernel[0] * window.kernel[1]).map { index in
      let (place, tap) = (index % to.area, index / to.area)
      let output = [place / to.phases[1], place % to.phases[1]]
      let taps = [tap / window.kernel[1], tap % window.kernel[1]]
      let positions = (0..<2).map { axis in
        window.strides[axis] * output[axis] - window.paddingLow[axis]
          + window.dilations[axis] * taps[axis]
      }
      let cell = (0..<2).map {
        Int((Double(positions[$0]) / Double(from.phases[$0])).rounded(.down))
      }
      return Read(
        tap: tap, output: output, cell: cell,
        input: (0..<2).map { positions[$0] - from.phases[$0] * cell[$0] })
    }
  }
}
