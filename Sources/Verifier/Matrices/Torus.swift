import Enclosure
import Glibc
import MatrixProducts
import Synchronization

/// A circular convolution on a torus so large that no window wraps around: the zero-padded convolution is a
/// part of it, and its norm is no larger (`docs/soundness.md`, §4.6).
///
/// The discrete Fourier transform makes the circular map a direct sum of the symbols
/// B(ω)[m, (r, c)] = Σ K[m, c] e^{iω·a} over all offsets s·a + r, one for each frequency ω, and conjugate
/// frequencies have the same norm.
struct Torus {
  private let stencil: Stencil
  /// Positions along each axis.
  private let extent: [Int]
  /// For each tap, where it reads: the phase of the stride, all axes together, and the shift by axis.
  private let reads: [(phase: Int, shift: [Int])]
  /// cos and sin of the multiples of a full turn divided by the extent.
  private let circles: [[(cos: Double, sin: Double)]]

  init(_ stencil: Stencil) {
    self.stencil = stencil
    let stride = stencil.stride
    reads = stencil.taps.map { tap in
      let shift = (0..<2).map { axis in
        Int((Double(tap.offset[axis]) / Double(stride[axis])).rounded(.down))
      }
      let phase = (0..<2).map { tap.offset[$0] - stride[$0] * shift[$0] }
      return (phase[0] * stride[1] + phase[1], shift)
    }
    extent = (0..<2).map { [reads] axis in
      let shifts = reads.map { $0.shift[axis] }
      let phases = (stencil.input[axis + 1] + stride[axis] - 1) / stride[axis]
      let image = stencil.output[axis + 1]
      return max(phases - (shifts.min() ?? 0), image + (shifts.max() ?? 0), phases, image)
    }
    circles = extent.map { count in
      (0..<count).map { index in
        let angle = 2 * Double.pi * (Double(index) / Double(count))
        return (cos(angle), sin(angle))
      }
    }
  }

  /// Up to conjugation.
  private var frequencies: Int { (extent[0] / 2 + 1) * extent[1] }

  /// About the multiplications of all factorizations.
  var cost: Double {
    let filters = stencil.output[0] / stencil.groups
    let columns = stencil.channelsPerGroup * stencil.stride[0] * stencil.stride[1]
    let (small, large) = (Double(2 * min(filters, columns)), Double(2 * max(filters, columns)))
    return Double(frequencies * stencil.groups) * small * small * (small / 6 + large / 2)
  }

  /// Whether the norm is certainly at most a number.
  ///
  /// An angle is off by at most 2π·3·2⁻⁵³ and each function by 4 units in the last place, so that the
  /// phase of a tap, a product of two, is off by less than 2⁻⁴⁶. The parts of a symbol are sums of one
  /// term a tap; as the real matrix [[Re, −Im], [Im, Re]] it is off by at most twice the error of a part.
  func isBounded(by claim: Double, _ workers: Workers = .single) -> Bool {
    let size = stencil.absoluteNorm
    let relative =
      UpperBound(proven: 0x1p-46)
      + UpperBound(proven: 2) * AccumulatedError.gamma(stencil.taps.count + 4)
    let lost = stencil.error + UpperBound(proven: 2) * relative * size
    let rest = DirectedRounding.addDown(claim, -(lost + UpperBound(proven: 0x1p-900)).value)
    guard rest >= 0 else { return false }
    let square = DirectedRounding.multiplyDown(rest, rest)
    let isRefuted = Mutex(false)
    workers.forEach(frequencies) { index in
      if isRefuted.withLock({ $0 }) { return }
      let frequency = [index / extent[1], index % extent[1]]
      for group in 0..<stencil.groups where !isPositive(square, frequency, group, size) {
        isRefuted.withLock { $0 = true }
      }
    }
    return !isRefuted.withLock { $0 }
  }

  /// Whether c²I − ÂÂᵀ ⪰ 0 for the real form Â of B or Bᵀ, whichever has fewer rows.
  private func isPositive(
    _ square: Double, _ frequency: [Int], _ group: Int, _ size: UpperBound
  ) -> Bool {
    let (rows, length) = realForm(frequency, group)
    let (order, half) = (rows.count / length, rows.count / length / 2)
    guard var matrix = SymmetricMatrix(firsts: Array(repeating: 0, count: order)) else {
      return false
    }
    var products = Array(repeating: 0.0, count: half * order)
    rows.withUnsafeBufferPointer { rows in
      guard let base = rows.baseAddress else { return }
      let view = MatrixView(base, rowStride: length)
      products.withUnsafeMutableBufferPointer { products in
        // [Re, Im] with all rows; [Im, −Re] has the products of [Re, Im].
        MatrixProduct.accumulate(
          view, view, rows: half, columns: order, inner: length, into: products.baseAddress!,
          stride: order)
      }
    }
    for i in 0..<order {
      for j in 0...i {
        let product =
          i < half
          ? products[i * order + j]
          : j < half ? products[j * order + i] : products[(i - half) * order + j - half]
        matrix[i, j] = (i == j ? square : 0) - product
      }
    }
    // As many roundings as a row is long; ‖|Â|‖ is at most 2‖Σ|K|‖.
    let rounding =
      AccumulatedError.gamma(length + 4)
      * (UpperBound(proven: square) + UpperBound(proven: 4.01) * size * size)
    let shift = matrix.factorizationError + rounding + UpperBound(proven: 0x1p-900)
    return shift.isFinite && matrix.factorize(minus: shift.value)
  }

  /// Rows [Re, Im] and then [Im, −Re].
  private func realForm(_ frequency: [Int], _ group: Int) -> (rows: [Double], length: Int) {
    let phases = stencil.stride[0] * stencil.stride[1]
    let (filters, channelsPerGroup) = (stencil.output[0] / stencil.groups, stencil.channelsPerGroup)
    let isTransposed = filters > channelsPerGroup * phases
    let (count, width) =
      isTransposed ? (channelsPerGroup * phases, filters) : (filters, channelsPerGroup * phases)
    let length = 2 * width
    var rows = Array(repeating: 0.0, count: 2 * count * length)
    for (tap, read) in zip(stencil.taps, reads) {
      let (re, im) = wave(frequency, read.shift)
      for m in 0..<filters {
        for c in 0..<channelsPerGroup {
          let value = tap.matrix[(group * filters + m) * channelsPerGroup + c]
          let (i, j) = (m, read.phase * channelsPerGroup + c)
          let place = isTransposed ? j * length + i : i * length + j
          rows[place] += value * re
          rows[place + width] += value * im
        }
      }
    }
    for i in 0..<count {
      for j in 0..<width {
        rows[(count + i) * length + j] = rows[i * length + width + j]
        rows[(count + i) * length + width + j] = -rows[i * length + j]
      }
    }
    return (rows, length)
  }

  /// e^{iω·a}.
  private func wave(_ frequency: [Int], _ shift: [Int]) -> (re: Double, im: Double) {
    let parts = (0..<2).map { axis in
      let turns = frequency[axis] * shift[axis] % extent[axis]
      return circles[axis][(turns + extent[axis]) % extent[axis]]
    }
    return (
      parts[0].cos * parts[1].cos - parts[0].sin * parts[1].sin,
      parts[0].cos * parts[1].sin + parts[0].sin * parts[1].cos
    )
  }
}
