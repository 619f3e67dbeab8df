import Enclosure
import MatrixProducts

/// A zero-padded convolution of images by its taps: y[m, p] = Σ K_o[m, c] x[c, s·p + o] over offsets o and
/// the channels c of m's group, x being 0 outside.
///
/// Window sums and factors of channels are such maps too, and so are some compositions and sums of them.
struct Stencil: Sendable {
  /// The coefficients at one offset.
  struct Tap: Sendable {
    /// Rows and columns from the window's place.
    let offset: [Int]
    /// [M, C/groups].
    var matrix: [Double]
  }

  /// [C, H, W].
  let input: [Int]
  /// [M, H′, W′].
  let output: [Int]
  let stride: [Int]
  let groups: Int
  /// One for each offset.
  let taps: [Tap]
  /// The exact map is at most this far away in the spectral norm.
  let error: UpperBound

  /// C/groups.
  var channelsPerGroup: Int { input[0] / groups }

  /// The number of elements of its matrix, up to those that windows read outside the image.
  var count: Int { output.reduce(1, *) * channelsPerGroup * taps.count }

  /// Whether all coefficients are 0.
  var isZero: Bool { taps.allSatisfy { $0.matrix.allSatisfy { $0 == 0 } } }

  /// The map of the coefficients as they are.
  var withoutError: Stencil {
    Stencil(input: input, output: output, stride: stride, groups: groups, taps: taps)
  }

  /// Factors of channels.
  init(factors: [Double], relativeError: Double, _ image: [Int]) {
    let size = factors.reduce(0) { max($0, $1.magnitude) }
    self.init(
      input: image, output: image, stride: [1, 1], groups: image[0],
      taps: [Tap(offset: [0, 0], matrix: factors)],
      error: UpperBound(proven: size) * UpperBound(proven: relativeError))
  }

  init(
    input: [Int], output: [Int], stride: [Int], groups: Int, taps: [Tap], error: UpperBound = .zero
  ) {
    (self.input, self.output, self.stride) = (input, output, stride)
    (self.groups, self.taps, self.error) = (groups, taps, error)
  }

  /// Bounds ‖Σ|K|‖ and, with it, the norm of the map of magnitudes, by sums of rows and columns.
  var absoluteNorm: UpperBound {
    var rows = Array(repeating: 0.0, count: output[0])
    var columns = Array(repeating: 0.0, count: input[0])
    for tap in taps {
      for (index, value) in tap.matrix.enumerated() {
        let row = index / channelsPerGroup
        rows[row] += value.magnitude
        columns[row / (output[0] / groups) * channelsPerGroup + index % channelsPerGroup] +=
          value.magnitude
      }
    }
    let count = taps.count * max(output[0], input[0])
    let product = UpperBound(proven: rows.max() ?? 0) * UpperBound(proven: columns.max() ?? 0)
    return product.squareRoot() * (.one + AccumulatedError.gamma(2 * count + 4))
  }

  /// The same map with fewer groups, and zeros between those that are joined.
  private func joined(into count: Int) -> Stencil {
    guard groups > count else { return self }
    let (rows, width) = (output[0] / groups, input[0] / count)
    let taps = taps.map { tap in
      var matrix = Array(repeating: 0.0, count: output[0] * width)
      for (index, value) in tap.matrix.enumerated() {
        let row = index / channelsPerGroup
        matrix[
          row * width + row / rows % (groups / count) * channelsPerGroup + index % channelsPerGroup] =
          value
      }
      return Tap(offset: tap.offset, matrix: matrix)
    }
    return Stencil(
      input: input, output: output, stride: stride, groups: count, taps: taps, error: error)
  }

  /// The most groups that both maps can have.
  private func commonGroups(_ other: Stencil) -> Int {
    var (a, b) = (groups, other.groups)
    while b > 0 { (a, b) = (b, a % b) }
    return a
  }

  /// This map after another; nil unless it reads only inside the other's image, since outside the formula
  /// of the composition would not give 0.
  func after(_ inner: Stencil) -> Stencil? {
    let isInside = (0..<2).allSatisfy { axis in
      let offsets = taps.map { $0.offset[axis] }
      let last = (output[axis + 1] - 1) * stride[axis] + (offsets.max() ?? 0)
      return (offsets.min() ?? 0) >= 0 && last < input[axis + 1]
    }
    guard isInside, inner.output == input else { return nil }
    let groups = commonGroups(inner)
    var joint: [[Int]: [Double]] = [:]
    if isChannelwise {
      for (tap, other, offset) in pairs(inner) {
        let width = inner.channelsPerGroup
        add(other.matrix, to: &joint[offset]) { $1 * tap.matrix[$0 / width] }
      }
    } else if inner.isChannelwise {
      let (rows, width) = (output[0] / groups, channelsPerGroup)
      for (tap, other, offset) in pairs(inner) {
        add(tap.matrix, to: &joint[offset]) {
          $1 * other.matrix[$0 / width / rows * width + $0 % width]
        }
      }
    } else {
      let (outer, first) = (joined(into: groups), inner.joined(into: groups))
      for (tap, other, offset) in outer.pairs(first) {
        outer.addProduct(
          tap.matrix, other.matrix, width: first.channelsPerGroup, to: &joint[offset])
      }
    }
    let (size, innerSize) = (absoluteNorm, inner.absoluteNorm)
    let rounding = AccumulatedError.gamma(input[0] * taps.count + 2) * size * innerSize
    return Stencil(
      input: inner.input, output: output, stride: (0..<2).map { stride[$0] * inner.stride[$0] },
      groups: groups, taps: Self.taps(joint),
      error: rounding + error * (innerSize + inner.error) + size * inner.error
        + UpperBound(proven: 0x1p-900))
  }

  /// In a fixed order, so that sums are the same in every run.
  private static func taps(_ matrices: [[Int]: [Double]]) -> [Tap] {
    matrices.map { Tap(offset: $0.key, matrix: $0.value) }
      .sorted { $0.offset.lexicographicallyPrecedes($1.offset) }
  }

  /// Whether channels do not meet.
  private var isChannelwise: Bool { groups == input[0] && groups == output[0] }

  /// The taps of this map and of the one before it, with the offsets of their compositions.
  private func pairs(_ inner: Stencil) -> [(tap: Tap, inner: Tap, offset: [Int])] {
    taps.flatMap { tap in
      inner.taps.map { other in
        (tap, other, (0..<2).map { inner.stride[$0] * tap.offset[$0] + other.offset[$0] })
      }
    }
  }

  /// C += the elements of A after a change.
  private func add(
    _ a: [Double], to c: inout [Double]?, _ changed: (_ index: Int, _ value: Double) -> Double
  ) {
    var sum = c ?? Array(repeating: 0, count: a.count)
    c = nil
    for (index, value) in a.enumerated() { sum[index] += changed(index, value) }
    c = sum
  }

  /// C += A B for a tap A of this map and rows of B and C of a width, group by group.
  private func addProduct(_ a: [Double], _ b: [Double], width: Int, to c: inout [Double]?) {
    let (rows, inner) = (output[0] / groups, channelsPerGroup)
    var sum = c ?? Array(repeating: 0, count: output[0] * width)
    c = nil
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        sum.withUnsafeMutableBufferPointer { sum in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = sum.baseAddress
          else { return }
          for group in 0..<groups {
            MatrixProduct.accumulate(
              MatrixView(a + group * rows * inner, rowStride: inner),
              MatrixView(b + group * inner * width, rowStride: 1, columnStride: width),
              rows: rows, columns: width, inner: inner, into: c + group * rows * width,
              stride: width)
          }
        }
      }
    }
    c = sum
  }

  /// The sum with a map between the same images with the same stride.
  func plus(_ other: Stencil) -> Stencil? {
    guard input == other.input, output == other.output, stride == other.stride else { return nil }
    var joint: [[Int]: [Double]] = [:]
    let groups = commonGroups(other)
    for tap in joined(into: groups).taps + other.joined(into: groups).taps {
      joint[tap.offset] = joint[tap.offset].map { zip($0, tap.matrix).map(+) } ?? tap.matrix
    }
    let unit = UpperBound(proven: AccumulatedError.unitRoundoff)
    return Stencil(
      input: input, output: output, stride: stride, groups: groups,
      taps: Self.taps(joint),
      error: error + other.error + unit * (absoluteNorm + other.absoluteNorm))
  }

  /// A number times the map.
  func scaled(by factor: Double) -> Stencil {
    let size = UpperBound(proven: factor.magnitude)
    let unit = UpperBound(proven: AccumulatedError.unitRoundoff)
    return Stencil(
      input: input, output: output, stride: stride, groups: groups,
      taps: taps.map { Tap(offset: $0.offset, matrix: $0.matrix.map { $0 * factor }) },
      error: size * (error + unit * absoluteNorm) + UpperBound(proven: 0x1p-900))
  }
}
