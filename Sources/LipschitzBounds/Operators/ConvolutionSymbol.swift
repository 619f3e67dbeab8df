import Enclosure

/// The symbol of the circular extension of a convolution: matrices B(ω) [M, C·s_h·s_w] by frequency.
struct ConvolutionSymbol {
  /// Positions of the torus along each axis.
  let torus: [Int]
  /// M.
  let rows: Int
  /// C·s_h·s_w.
  let columns: Int
  /// One of each pair of conjugate frequencies.
  let frequencies: [(Int, Int)]
  /// Bounds the error of a computed B in the spectral norm.
  let error: UpperBound

  private let block: ConvolutionBlock
  private let tables: [RootsOfUnity]
  /// For each axis and tap: the phase r and the shift a.
  private let places: [[(phase: Int, shift: Int)]]

  init(_ block: ConvolutionBlock) {
    let places = (0..<2).map { Self.places(block, axis: $0) }
    let torus = (0..<2).map { Self.torus(block, axis: $0, places[$0]) }
    self.block = block
    self.places = places
    self.torus = torus
    rows = block.filters
    columns = block.channels * block.window.strides[0] * block.window.strides[1]
    tables = torus.map { RootsOfUnity($0) }
    frequencies = (0...torus[0] / 2).flatMap { h in (0..<torus[1]).map { (h, $0) } }
    // Each phase is a product of two table entries and has an error of at most 2⁻⁴⁷ in modulus. The real
    // and the imaginary part of an element are sums of at most one term for each tap. ‖ Σ|K| ‖ ≤ magnitude
    // by the same row and column sums.
    let relative =
      UpperBound(proven: 0x1p-46)
      + UpperBound(proven: 2) * AccumulatedError.gamma(block.taps.count + 2)
    error = UpperBound(proven: 2) * relative * block.magnitude + UpperBound(proven: 0x1p-900)
  }

  /// The element that each tap of an axis reads: k·d − padding = s·shift + phase.
  private static func places(
    _ block: ConvolutionBlock, axis: Int
  ) -> [(phase: Int, shift: Int)] {
    let stride = block.window.strides[axis]
    return (0..<block.window.kernel[axis]).map { tap in
      let reach = tap * block.window.dilations[axis] - block.window.paddingLow[axis]
      let phase = ((reach % stride) + stride) % stride
      return (phase, (reach - phase) / stride)
    }
  }

  /// The least number of positions for which no tap wraps around to an element.
  private static func torus(
    _ block: ConvolutionBlock, axis: Int, _ places: [(phase: Int, shift: Int)]
  ) -> Int {
    let stride = block.window.strides[axis]
    let phaseExtent = (block.extent[axis] + stride - 1) / stride
    let image = block.outputExtent[axis]
    let shifts = places.map(\.shift)
    let (least, most) = (shifts.min() ?? 0, shifts.max() ?? 0)
    return max(phaseExtent - least, image + most, phaseExtent, image, 1)
  }

  /// [[Re B, −Im B], [Im B, Re B]], which has the same norm as B.
  func matrix(at frequency: (Int, Int)) -> DenseBlock {
    let (real, imaginary) = parts(at: frequency)
    var elements = Array(repeating: 0.0, count: 4 * rows * columns)
    for i in 0..<rows {
      for j in 0..<columns {
        let (re, im) = (real[i * columns + j], imaginary[i * columns + j])
        elements[i * 2 * columns + j] = re
        elements[i * 2 * columns + columns + j] = -im
        elements[(rows + i) * 2 * columns + j] = im
        elements[(rows + i) * 2 * columns + columns + j] = re
      }
    }
    return DenseBlock(rows: 2 * rows, columns: 2 * columns, elements: elements)
  }

  private func parts(at frequency: (Int, Int)) -> (real: [Double], imaginary: [Double]) {
    var real = Array(repeating: 0.0, count: rows * columns)
    var imaginary = real
    let (kernel, strides) = (block.window.kernel, block.window.strides)
    for kh in 0..<kernel[0] {
      let (ch, sh) = phase(0, frequency.0, places[0][kh].shift)
      for kw in 0..<kernel[1] {
        let (cw, sw) = phase(1, frequency.1, places[1][kw].shift)
        let (re, im) = (ch * cw - sh * sw, ch * sw + sh * cw)
        let tap = block.taps[kh * kernel[1] + kw]
        let slot = places[0][kh].phase * strides[1] + places[1][kw].phase
        for m in 0..<rows {
          let to = m * columns + slot * block.channels
          for c in 0..<block.channels {
            let coefficient = tap[m * block.channels + c]
            real[to + c] += coefficient * re
            imaginary[to + c] += coefficient * im
          }
        }
      }
    }
    return (real, imaginary)
  }

  private func phase(_ axis: Int, _ frequency: Int, _ shift: Int) -> (Double, Double) {
    let count = torus[axis]
    let index = ((frequency * shift) % count + count) % count
    return (tables[axis].cosines[index], tables[axis].sines[index])
  }
}
