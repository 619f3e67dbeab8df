import TensorGraph

/// Which elements of x each result of a sum of products reads, with which coefficients.
///
/// Results that read the same elements of x with different coefficients, such as the filters of a
/// convolution at one position, are the rows of a family. A family has several positions; all read lists of
/// taps, of which there are few: positions inside an image share one, shifted from each to the next.
struct SumGeometry: Sendable {
  /// The taps of a position.
  struct Taps: Sendable {
    /// The coefficients by their number k in a row.
    var coefficients: [Int] = []
    /// The elements of x, relative to the shift of the position.
    var elements: [Int] = []
  }

  /// Results with the same taps and different coefficients.
  struct Family: Sendable {
    let rows: Int
    /// The result of row 0 at position 0.
    let first: Int
    /// The distance from a row's result to the next row's.
    let rowStride: Int
    /// Added to the shifts of the positions.
    let shift: Int
    /// The coefficient of row 0 and tap 0, in the operand w.
    let coefficient: Int
  }

  /// A position of all families.
  struct Position: Sendable {
    /// The index in ``taps``.
    let taps: Int
    let shift: Int
  }

  private(set) var families: [Family]
  private(set) var positions: [Position]
  private(set) var taps: [Taps]
  /// The distance from a position's result to the next position's.
  let positionStride: Int
  /// The distance in w from a row's coefficients to the next row's; 0 if there is no w.
  let rowCoefficients: Int
  /// The places of a row's coefficients in w, from that of tap 0; nil if all are 1.
  let places: [Int]?

  /// The largest number of terms of a result.
  var terms: Int { taps.map(\.elements.count).max() ?? 0 }

  /// For one of the operations that are sums.
  ///
  /// - Parameters:
  ///   - position: the index of the operand x.
  ///   - types: those of the operands.
  init(_ node: Node, varying position: Int, types: [TensorType]) {
    switch node.operation {
    case .dot(let left, let right):
      self.init(dot: types, varying: position, left, right, node.type)
    case .convolution(let window):
      self.init(window, x: types[0], filter: types[1], node.type)
    case .convolutionInputGradient(let window):
      self.init(adjoint: window, dy: types[0], filter: types[1], node.type)
    case .sumPool(let window):
      self.init(memberships: Self.members(window, of: types[0], node.type))
    case .reduce(.sum, let axes):
      self.init(memberships: Self.members(of: types[0], axes, node.type))
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .broadcast, .reshape,
      .transpose, .reduce(.maximum, _), .slice, .pad, .concatenate, .maxPoolSelect,
      .maxPoolScatter, .random, .stopGradient, .withDerivative, .cholesky, .triangularSolve,
      .convolutionFilterGradient, .sumPoolGradient:
      preconditionFailure("\(node.operation.name) is not a sum of products in a prediction")
    }
  }

  /// [I, K]·[K, J], each transposed first if asked.
  private init(
    dot types: [TensorType], varying: Int, _ left: Bool, _ right: Bool, _ type: TensorType
  ) {
    let (rows, columns) = (type.shape[0], type.shape[1])
    let inner = types[0].shape[left ? 0 : 1]
    let a = left ? (outer: 1, inner: rows) : (outer: inner, inner: 1)
    let b = right ? (outer: inner, inner: 1) : (outer: 1, inner: columns)
    let (x, w) = varying == 0 ? (a, b) : (b, a)
    families = [
      Family(
        rows: varying == 0 ? columns : rows, first: 0, rowStride: varying == 0 ? 1 : columns,
        shift: 0, coefficient: 0)
    ]
    positions = (0..<(varying == 0 ? rows : columns)).map { Position(taps: 0, shift: $0 * x.outer) }
    positionStride = varying == 0 ? columns : 1
    taps = [Taps(coefficients: Array(0..<inner), elements: (0..<inner).map { $0 * x.inner })]
    rowCoefficients = w.outer
    places = (0..<inner).map { $0 * w.inner }
  }

  private init(
    _ window: ConvolutionWindow, x: TensorType, filter: TensorType, _ type: TensorType
  ) {
    let (channels, kernel) = (filter.shape[1], window.kernel)
    let (height, width) = (x.shape[2], x.shape[3])
    let filters = type.shape[1] / window.groups
    let area = type.shape[2] * type.shape[3]
    families = (0..<x.shape[0] * window.groups).map { index in
      // The groups of an image are consecutive, in x and in the result.
      Family(
        rows: filters, first: index * filters * area, rowStride: area,
        shift: index * channels * height * width,
        coefficient: index % window.groups * filters * channels * kernel[0] * kernel[1])
    }
    var lists = TapLists()
    positions = []
    for y in 0..<type.shape[2] {
      let top = y * window.strides[0] - window.paddingLow[0]
      let taken = (0..<kernel[0]).filter {
        (0..<height).contains(top + $0 * window.dilations[0])
      }
      for z in 0..<type.shape[3] {
        let start = z * window.strides[1] - window.paddingLow[1]
        let inside = (0..<kernel[1]).filter {
          (0..<width).contains(start + $0 * window.dilations[1])
        }
        let list = lists.index(of: [taken, inside]) {
          var taps = Taps()
          for row in taken {
            for column in inside {
              for channel in 0..<channels {
                taps.coefficients.append((channel * kernel[0] + row) * kernel[1] + column)
                taps.elements.append(
                  (channel * height + row * window.dilations[0]) * width
                    + column * window.dilations[1])
              }
            }
          }
          return taps
        }
        positions.append(Position(taps: list, shift: top * width + start))
      }
    }
    taps = lists.taps
    positionStride = 1
    rowCoefficients = channels * kernel[0] * kernel[1]
    places = Array(0..<channels * kernel[0] * kernel[1])
  }

  /// Each element of the result is a sum over the windows of dy [1, M, H′, W′] that read its position.
  private init(
    adjoint window: ConvolutionWindow, dy: TensorType, filter: TensorType, _ type: TensorType
  ) {
    let (channels, kernel) = (filter.shape[1], window.kernel)
    let (height, width) = (dy.shape[2], dy.shape[3])
    let filters = filter.shape[0] / window.groups
    let area = type.shape[2] * type.shape[3]
    let size = kernel[0] * kernel[1]
    families = (0..<dy.shape[0] * window.groups).map { index in
      Family(
        rows: channels, first: index * channels * area, rowStride: area,
        shift: index * filters * height * width,
        coefficient: index % window.groups * filters * channels * size)
    }
    var lists = TapLists()
    positions = []
    for y in 0..<type.shape[2] {
      let rows = window.windows(reading: y, axis: 0, of: height)
      for z in 0..<type.shape[3] {
        let columns = window.windows(reading: z, axis: 1, of: width)
        // Windows relative to the first one, so that positions of the same phase share a list.
        let (top, start) = (rows.map(\.window).min() ?? 0, columns.map(\.window).min() ?? 0)
        let key = [
          rows.flatMap { [$0.tap, $0.window - top] },
          columns.flatMap { [$0.tap, $0.window - start] },
        ]
        let list = lists.index(of: key) {
          var taps = Taps()
          for row in rows {
            for column in columns {
              for m in 0..<filters {
                taps.coefficients.append((m * kernel[0] + row.tap) * kernel[1] + column.tap)
                taps.elements.append(
                  (m * height + row.window - top) * width + column.window - start)
              }
            }
          }
          return taps
        }
        positions.append(Position(taps: list, shift: top * width + start))
      }
    }
    taps = lists.taps
    positionStride = 1
    rowCoefficients = size
    places = (0..<filters * size).map { $0 / size * channels * size + $0 % size }
  }

  /// Sums of elements: the members of each result.
  private init(memberships: [[Int]]) {
    families = [Family(rows: 1, first: 0, rowStride: memberships.count, shift: 0, coefficient: 0)]
    var lists = TapLists()
    positions = memberships.map { members in
      let first = members.first ?? 0
      let relative = members.map { $0 - first }
      let list = lists.index(of: [relative]) { Taps(coefficients: [], elements: relative) }
      return Position(taps: list, shift: first)
    }
    taps = lists.taps
    positionStride = 1
    rowCoefficients = 0
    places = nil
  }

  private static func members(
    _ window: PoolWindow, of x: TensorType, _ type: TensorType
  ) -> [[Int]] {
    var members: [[Int]] = []
    forEachCoordinate(of: type.shape) { _, coordinate in
      members.append(MovementEnclosure.windowTaps(window, coordinate, x.shape))
    }
    return members
  }

  /// The elements that a reduction over axes folds into each result.
  static func members(of x: TensorType, _ axes: [Int], _ type: TensorType) -> [[Int]] {
    let keptAxes = x.shape.indices.filter { !axes.contains($0) }
    let strides = rowMajorStrides(type.shape)
    var members = Array(repeating: [Int](), count: type.count)
    forEachCoordinate(of: x.shape) { index, coordinate in
      members[zip(keptAxes, strides).reduce(0) { $0 + coordinate[$1.0] * $1.1 }].append(index)
    }
    return members
  }
}

/// Lists of taps, each kept once.
private struct TapLists {
  private(set) var taps: [SumGeometry.Taps] = []
  private var known: [[[Int]]: Int] = [:]

  mutating func index(of key: [[Int]], _ make: () -> SumGeometry.Taps) -> Int {
    if let found = known[key] { return found }
    taps.append(make())
    known[key] = taps.count - 1
    return taps.count - 1
  }
}

extension ConvolutionWindow {
  /// The windows among `count` that read an index of the image, each with the tap that reads it.
  fileprivate func windows(
    reading place: Int, axis: Int, of count: Int
  ) -> [(tap: Int, window: Int)] {
    (0..<kernel[axis]).compactMap { tap in
      let offset = place + paddingLow[axis] - tap * dilations[axis]
      guard offset >= 0, offset % strides[axis] == 0, offset / strides[axis] < count else {
        return nil
      }
      return (tap, offset / strides[axis])
    }
  }
}
