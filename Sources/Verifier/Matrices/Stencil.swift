import Enclosure

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
    let (outer, first) = (joined(into: groups), inner.joined(into: groups))
    var joint: [[Int]: [Double]] = [:]
    for tap in outer.taps {
      for other in first.taps {
        let offset = (0..<2).map { inner.stride[$0] * tap.offset[$0] + other.offset[$0] }
        outer.add(
          tap.matrix, other.matrix, width: first.channelsPerGroup,
          to: &joint[
            offset, default: Array(repeating: 0, count: output[0] * first.channelsPerGroup)])
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

  /// C += A B for a tap A of this map and rows of B and C of a width.
  private func add(_ a: [Double], _ b: [Double], width: Int, to c: inout [Double]) {
    let rows = output[0] / groups
    for (index, factor) in a.enumerated() where factor != 0 {
      let row = index / channelsPerGroup
      let middle = row / rows * channelsPerGroup + index % channelsPerGroup
      for j in 0..<width { c[row * width + j] += factor * b[middle * width + j] }
    }
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
