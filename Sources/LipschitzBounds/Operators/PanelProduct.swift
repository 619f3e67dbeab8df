import MatrixProducts

/// The product of panels of 16 rows with a layer's matrix A or its transpose, prepared for many panels.
///
/// A row r of the product is Aᵀ r or A r. Every element is the sum of the products of the definition in
/// some order.
struct PanelProduct: Sendable {
  /// The elements of a row of the product.
  let columns: Int
  private let action: Action

  private enum Action: Sendable {
    case matrix(PackedRows)
    case convolution([ConvolutionProduct])
    case factors([Double], perFactor: Int)
    case gather([Int])
    case scatter([Int])
    case windows([[Int]], factor: Double, isTransposed: Bool)
    case centering([[Int]])
  }

  /// - Parameter isTransposed: whether a row r becomes Aᵀ r.
  init(_ layer: WeightedOperator, isTransposed: Bool) {
    columns = isTransposed ? layer.columns : layer.rows
    switch layer.action {
    case .matrix(let block):
      action = .matrix(PackedRows(block, isTransposed: isTransposed))
    case .convolution(let blocks, let isAdjoint):
      action = .convolution(
        blocks.map { ConvolutionProduct($0, isTransposed: isTransposed != isAdjoint) })
    case .factors(let factors, let perFactor):
      action = .factors(factors, perFactor: perFactor)
    case .copy(let sources):
      action = isTransposed ? .scatter(sources) : .gather(sources)
    case .windows(let members, let factor):
      action = .windows(members, factor: factor, isTransposed: isTransposed)
    case .centering(let groups):
      action = .centering(groups)
    }
  }

  /// Multiplies a panel x and writes the panel y [``columns``, 16].
  func apply(
    _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ workers: Workers
  ) {
    switch action {
    case .matrix(let rows): rows.apply(x, y)
    case .convolution(let groups):
      for (index, group) in groups.enumerated() {
        group.apply(x + index * group.inputs * 16, y + index * group.outputs * 16, workers)
      }
    case .factors(let factors, let perFactor):
      for (index, factor) in factors.enumerated() {
        let first = index * perFactor
        Lanes.scale(x, by: factor, to: y, first..<first + perFactor)
      }
    case .gather(let sources):
      for (j, source) in sources.enumerated() {
        Lanes.store(source < 0 ? .zero : Lanes.load(x, source), y, j)
      }
    case .scatter(let sources):
      y.update(repeating: 0, count: columns * 16)
      for (j, source) in sources.enumerated() where source >= 0 {
        Lanes.store(Lanes.load(y, source) + Lanes.load(x, j), y, source)
      }
    case .windows(let members, let factor, let isTransposed):
      isTransposed ? spread(members, factor, x, y) : collect(members, factor, x, y)
    case .centering(let groups):
      for group in groups {
        var mean = SIMD16<Double>.zero
        for member in group { mean += Lanes.load(x, member) }
        mean /= Double(group.count)
        for member in group { Lanes.store(Lanes.load(x, member) - mean, y, member) }
      }
    }
  }

  private func collect(
    _ members: [[Int]], _ factor: Double, _ x: UnsafePointer<Double>,
    _ y: UnsafeMutablePointer<Double>
  ) {
    for (j, window) in members.enumerated() {
      var sum = SIMD16<Double>.zero
      for member in window { sum += Lanes.load(x, member) }
      Lanes.store(sum * factor, y, j)
    }
  }

  private func spread(
    _ members: [[Int]], _ factor: Double, _ x: UnsafePointer<Double>,
    _ y: UnsafeMutablePointer<Double>
  ) {
    y.update(repeating: 0, count: columns * 16)
    for (j, window) in members.enumerated() {
      let value = Lanes.load(x, j)
      for member in window { Lanes.store(Lanes.load(y, member) + value, y, member) }
    }
    Lanes.scale(y, by: factor, to: y, 0..<columns)
  }
}

/// The rows of a matrix in groups of six: element (i, k) is at ((i/6)·inner + k)·6 + i mod 6.
private struct PackedRows: Sendable {
  static let height = LaneProducts.rows
  /// Products that are added at once.
  static let depth = 256

  let rows: Int
  let inner: Int
  private let elements: [Double]

  init(rows: Int, inner: Int, _ element: (_ row: Int, _ k: Int) -> Double) {
    let groups = (rows + Self.height - 1) / Self.height
    var elements = Array(repeating: 0.0, count: groups * inner * Self.height)
    for row in 0..<rows {
      let first = row / Self.height * inner * Self.height + row % Self.height
      for k in 0..<inner { elements[first + k * Self.height] = element(row, k) }
    }
    (self.rows, self.inner, self.elements) = (rows, inner, elements)
  }

  /// The rows of a matrix or of its transpose.
  init(_ block: DenseBlock, isTransposed: Bool) {
    let (rows, columns) = (block.rows, block.columns)
    self = block.elements.withUnsafeBufferPointer { elements in
      isTransposed
        ? PackedRows(rows: columns, inner: rows) { elements[$1 * columns + $0] }
        : PackedRows(rows: rows, inner: columns) { elements[$0 * columns + $1] }
    }
  }

  /// Calls `body` with each group of rows [inner, 6].
  @inline(__always)
  func forEachGroup(_ body: (Int, UnsafePointer<Double>) -> Void) {
    elements.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for row in stride(from: 0, to: rows, by: Self.height) { body(row, base + row * inner) }
    }
  }

  /// All rows times a panel x [inner, 16].
  func apply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    y.update(repeating: 0, count: rows * 16)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.height * 16) { sums in
      guard let sums = sums.baseAddress else { return }
      for first in stride(from: 0, to: inner, by: Self.depth) {
        let count = min(Self.depth, inner - first)
        guard Lanes.hasNonzero(x, first..<first + count) else { continue }
        forEachGroup { row, group in
          LaneProducts.sums(
            group + first * Self.height, Steps.rows, x + first * 16, Steps.lanes, count: count,
            into: sums)
          VectorKernels.add(1, sums, to: y + row * 16, min(Self.height, rows - row) * 16)
        }
      }
    }
  }
}

/// Places of consecutive elements of packed operands.
private enum Steps {
  nonisolated(unsafe) static let rows = table(PackedRows.height)
  nonisolated(unsafe) static let lanes = table(16)

  private static func table(_ step: Int) -> UnsafePointer<Int32> {
    let places = UnsafeMutablePointer<Int32>.allocate(capacity: PackedRows.depth)
    for k in 0..<PackedRows.depth { places[k] = Int32(k * step) }
    return UnsafePointer(places)
  }
}

/// A group of a convolution, or its adjoint, applied to panels of images [channels, H, W].
private struct ConvolutionProduct: Sendable {
  /// Elements of an argument and of an image.
  let inputs: Int
  let outputs: Int
  private let inner: Int
  private let packed: PackedRows
  private let sources: Int
  /// For each position of the image, the taps and the positions that they read.
  private let reads: [[(tap: Int32, source: Int32)]]

  init(_ block: ConvolutionBlock, isTransposed: Bool) {
    let (from, to) = (
      block.extent[0] * block.extent[1], block.outputExtent[0] * block.outputExtent[1]
    )
    let (channels, filters) = (block.channels, block.filters)
    sources = isTransposed ? to : from
    (inputs, outputs) =
      isTransposed ? (block.rows, block.columns) : (block.columns, block.rows)
    inner = isTransposed ? filters : channels
    let (outer, inner) = (isTransposed ? channels : filters, inner)
    packed = PackedRows(rows: outer, inner: block.taps.count * inner) { row, k in
      let (tap, other) = (k / inner, k % inner)
      return block.taps[tap][isTransposed ? other * channels + row : row * channels + other]
    }
    var reads = [[(tap: Int32, source: Int32)]](
      repeating: [], count: isTransposed ? from : to)
    block.forEachRead { output, input, tap in
      let (target, source) = isTransposed ? (input, output) : (output, input)
      reads[target].append((Int32(tap), Int32(source)))
    }
    self.reads = reads
  }

  /// Positions of one unit of work.
  private static let share = 32

  func apply(
    _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ workers: Workers
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: inputs * 16) { image in
      withUnsafeTemporaryAllocation(of: Bool.self, capacity: sources) { isUsed in
        guard let image = image.baseAddress, let isUsed = isUsed.baseAddress else { return }
        arrange(x, image, isUsed)
        nonisolated(unsafe) let (pixels, used, result) = (image, isUsed, y)
        workers.forEach((reads.count + Self.share - 1) / Self.share) { unit in
          let last = min(reads.count, (unit + 1) * Self.share)
          compute(unit * Self.share..<last, pixels, used, result)
        }
      }
    }
  }

  /// Computes the image at some positions.
  private func compute(
    _ positions: Range<Int>, _ image: UnsafePointer<Double>, _ isUsed: UnsafePointer<Bool>,
    _ y: UnsafeMutablePointer<Double>
  ) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * packed.inner) { places in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: (packed.rows + 6) * 16) { total in
        guard let places = places.baseAddress, let total = total.baseAddress else { return }
        for position in positions {
          let count = self.places(of: position, isUsed, places)
          multiply(image, places, count, total)
          Lanes.scatter(
            total, count: packed.rows, to: y, from: position, step: reads.count)
        }
      }
    }
  }

  /// Copies images to the order [positions, channels] and finds the positions that are not 0 everywhere.
  private func arrange(
    _ x: UnsafePointer<Double>, _ image: UnsafeMutablePointer<Double>,
    _ isUsed: UnsafeMutablePointer<Bool>
  ) {
    for position in 0..<sources {
      isUsed[position] = Lanes.gather(
        x, from: position, step: sources, count: inner, to: image, position * inner)
    }
  }

  /// The places of the factors of a position's products: `count` in the image, then as many in the taps.
  private func places(
    of position: Int, _ isUsed: UnsafePointer<Bool>, _ places: UnsafeMutablePointer<Int32>
  ) -> Int {
    let other = places + packed.inner
    var count = 0
    for read in reads[position] where isUsed[Int(read.source)] {
      for channel in 0..<Int32(inner) {
        places[count] = (read.source * Int32(inner) + channel) * 16
        other[count] = (read.tap * Int32(inner) + channel) * Int32(PackedRows.height)
        count += 1
      }
    }
    return count
  }

  private func multiply(
    _ image: UnsafePointer<Double>, _ places: UnsafePointer<Int32>, _ count: Int,
    _ total: UnsafeMutablePointer<Double>
  ) {
    total.update(repeating: 0, count: packed.rows * 16)
    let size = PackedRows.height * 16
    withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { sums in
      guard let sums = sums.baseAddress else { return }
      for first in stride(from: 0, to: count, by: PackedRows.depth) {
        packed.forEachGroup { row, group in
          LaneProducts.sums(
            group, places + packed.inner + first, image, places + first,
            count: min(PackedRows.depth, count - first), into: sums)
          VectorKernels.add(
            1, sums, to: total + row * 16, min(PackedRows.height, packed.rows - row) * 16)
        }
      }
    }
  }
}
