import CMatrixKernels

/// A convolution with 3×3 taps and stride 1, or one of its adjoints, by Winograd's algorithm F(4×4, 3×3) (Lavin and
/// Gray 2016): 36 products of transformed tiles where the direct algorithm has 144.
///
/// Rounding errors are some ten times those of sums of products in float32, so that only training uses it.
/// Images lie in blocks of as many channels as a vector has lanes, filters row-major.
struct WinogradConvolution {
  /// The layouts of the two operands and the result.
  let layouts: (first: Layout, second: Layout, result: Layout)

  private let direction: ConvolutionDirection
  private let kernels: lmtc_winograd_kernels
  private let geometry: lmtc_winograd

  /// Tiles of a pass over all 36 products: its transformed tiles stay in the cache.
  private static let tilesAtOnce = 60
  /// Numbers of transformed tiles that stay in a cache of all cores.
  private static let sharedCount = 2_000_000

  /// nil where the algorithm does not apply, or saves less than half of the multiplications.
  ///
  /// The rule knows only the geometry and the processor's vectors, so that every run computes the same bits.
  init?(_ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry) {
    guard let kernels = lmtc_winograd_for_processor()?.pointee,
      Self.isWorthwhile(geometry, block: Int(kernels.block))
    else { return nil }
    (self.direction, self.kernels) = (direction, kernels)
    self.geometry = Self.described(direction, geometry)
    let images = { Layout.blocked($0, channels: Int(kernels.block)) }
    let (x, y) = (images(geometry.xShape), images(geometry.yShape))
    let filter = Layout.plain(geometry.filterShape)
    layouts =
      switch direction {
      case .forward: (x, filter, y)
      case .inputGradient: (y, filter, x)
      case .filterGradient: (x, y, filter)
      }
  }

  private static func isWorthwhile(_ geometry: ConvolutionGeometry, block: Int) -> Bool {
    let window = geometry.window
    let padding = window.paddingLow + window.paddingHigh
    guard window.kernel == [3, 3], window.strides == [1, 1], window.dilations == [1, 1],
      window.groups == 1, padding.allSatisfy({ (0...2).contains($0) }),
      geometry.channels % (2 * block) == 0, geometry.filters % (2 * block) == 0,
      min(geometry.channels, geometry.filters) >= 32, geometry.batch >= 4
    else { return false }
    func saves(_ height: Int, _ width: Int) -> Bool {
      height > 0 && width > 0
        && 9 * height * width >= 2 * 36 * ((height + 3) / 4) * ((width + 3) / 4)
    }
    return saves(geometry.height, geometry.width) && saves(geometry.outHeight, geometry.outWidth)
  }

  /// The adjoint with respect to x is a convolution of dy with the filter rotated by a half turn.
  private static func described(
    _ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry
  ) -> lmtc_winograd {
    let padding = geometry.window.paddingLow
    switch direction {
    case .forward, .filterGradient:
      return lmtc_winograd(
        images: geometry.batch, inputs: geometry.channels, outputs: geometry.filters,
        height: geometry.height, width: geometry.width, result_height: geometry.outHeight,
        result_width: geometry.outWidth, top: padding[0], left: padding[1])
    case .inputGradient:
      return lmtc_winograd(
        images: geometry.batch, inputs: geometry.filters, outputs: geometry.channels,
        height: geometry.outHeight, width: geometry.outWidth, result_height: geometry.height,
        result_width: geometry.width, top: 2 - padding[0], left: 2 - padding[1])
    }
  }

  private var tiles: Int {
    geometry.images * ((geometry.result_height + 3) / 4) * ((geometry.result_width + 3) / 4)
  }
  /// Numbers of the transformed filter.
  private var filterCount: Int { 36 * geometry.inputs * geometry.outputs }
  /// Numbers of the transformed tiles of `count` tiles, of both sides of the products.
  private func tileCount(_ count: Int) -> Int { 36 * count * (geometry.inputs + geometry.outputs) }
  /// Tiles whose products are added up together by the threads of a filter gradient.
  private func sharedTiles(_ threads: Int) -> Int {
    min(tiles, max(Self.tilesAtOnce * threads, Self.sharedCount / tileCount(1)))
  }

  /// Elements of working memory.
  func scratchCount(threads: Int) -> Int {
    switch direction {
    case .forward, .inputGradient:
      filterCount + threads * tileCount(min(tiles, Self.tilesAtOnce))
    case .filterGradient where hasOwnSums:
      threads * (filterCount + tileCount(min(tiles, Self.tilesAtOnce)))
    case .filterGradient: filterCount + tileCount(sharedTiles(threads))
    }
  }

  /// Computes.
  func run(
    _ first: Elements, _ second: Elements, _ result: Elements, scratch: Elements, _ team: ThreadTeam
  ) {
    switch direction {
    case .forward, .inputGradient: convolve(first, second, result, scratch, team)
    case .filterGradient: differentiate(first, second, result, scratch, team)
    }
  }

  private func convolve(
    _ source: Elements, _ filter: Elements, _ result: Elements, _ scratch: Elements,
    _ team: ThreadTeam
  ) {
    let isAdjoint = direction == .inputGradient
    team.forEachRange(count: geometry.inputs, grain: 8) { _, range in
      withUnsafePointer(to: geometry) {
        kernels.filter($0, filter, isAdjoint, scratch, range.lowerBound, range.count)
      }
    }
    let (space, once) = (scratch + filterCount, min(tiles, Self.tilesAtOnce))
    team.forEachRange(count: tiles, grain: Self.tilesAtOnce) { thread, range in
      withUnsafePointer(to: geometry) { geometry in
        for start in stride(from: range.lowerBound, to: range.upperBound, by: once) {
          kernels.apply(
            geometry, source, scratch, result, space + thread * tileCount(once), start,
            min(once, range.upperBound - start))
        }
      }
    }
  }

  /// Whether each thread of a filter gradient adds up the products of its tiles by itself: that saves
  /// waiting, but takes memory for every thread.
  private var hasOwnSums: Bool { filterCount <= 1_000_000 }

  private func differentiate(
    _ x: Elements, _ dy: Elements, _ gradient: Elements, _ scratch: Elements, _ team: ThreadTeam
  ) {
    if hasOwnSums {
      addOwnProducts(x, dy, scratch, team)
    } else {
      addSharedProducts(x, dy, scratch, team)
    }
    team.forEachRange(count: geometry.inputs, grain: 8) { _, range in
      withUnsafePointer(to: geometry) {
        kernels.taps($0, scratch, gradient, range.lowerBound, range.count)
      }
    }
  }

  /// Each thread adds up the products of its own tiles; these sums are then added in thread order.
  private func addOwnProducts(
    _ x: Elements, _ dy: Elements, _ sums: Elements, _ team: ThreadTeam
  ) {
    let once = min(tiles, Self.tilesAtOnce)
    let space = sums + team.threads * filterCount
    let parts = team.forEachRange(count: tiles, grain: once) { thread, range in
      let (own, patches) = (sums + thread * filterCount, space + thread * tileCount(once))
      for start in stride(from: range.lowerBound, to: range.upperBound, by: once) {
        let count = min(once, range.upperBound - start)
        let gradients = patches + 36 * count * geometry.inputs
        transform(x, dy, patches, gradients, start, 0..<count, of: count)
        multiply(patches, gradients, own, count, 0..<unitCount, adds: start > range.lowerBound)
      }
    }
    guard parts > 1 else { return }
    team.forEachRange(count: filterCount, grain: 65536) { _, range in
      let first = lmtc_place(kind: LMTC_STREAM, base: sums, offset: 0)
      for part in 1..<parts {
        let other = lmtc_place(kind: LMTC_STREAM, base: sums + part * filterCount, offset: 0)
        var addition = lmtc_instruction(
          operation: LMTC_ADD, result: first, operands: (first, other, other))
        lmtc_run_tape(&addition, 1, sums, range.lowerBound, range.count)
      }
    }
  }

  /// The threads transform tiles and then divide the products among themselves.
  private func addSharedProducts(
    _ x: Elements, _ dy: Elements, _ sums: Elements, _ team: ThreadTeam
  ) {
    let (patches, once) = (sums + filterCount, sharedTiles(team.threads))
    for start in stride(from: 0, to: tiles, by: once) {
      let count = min(once, tiles - start)
      let gradients = patches + 36 * count * geometry.inputs
      team.forEachRange(count: count, grain: 8) { _, range in
        transform(x, dy, patches, gradients, start, range, of: count)
      }
      team.forEachRange(count: unitCount, grain: 8) { _, range in
        multiply(patches, gradients, sums, count, range, adds: start > 0)
      }
    }
  }

  /// Transforms the tiles of a range that is counted from `start`, out of `total` tiles side by side.
  private func transform(
    _ x: Elements, _ dy: Elements, _ patches: Elements, _ gradients: Elements, _ start: Int,
    _ range: Range<Int>, of total: Int
  ) {
    let (to, first) = (range.lowerBound, start + range.lowerBound)
    withUnsafePointer(to: geometry) {
      kernels.patches($0, x, patches, to, total, first, range.count)
      kernels.gradients($0, dy, gradients, to, total, first, range.count)
    }
  }

  private var lanes: Int { 2 * kernels.block }
  /// Parts of the 36 products of a filter gradient.
  private var unitCount: Int { 36 * (geometry.outputs / lanes) }

  /// Some units of the products of transformed tiles.
  private func multiply(
    _ patches: Elements, _ gradients: Elements, _ sums: Elements, _ total: Int, _ units: Range<Int>,
    adds: Bool
  ) {
    let (inputs, outputs) = (geometry.inputs, geometry.outputs)
    let panels = outputs / lanes
    withUnsafePointer(to: geometry) { geometry in
      for unit in units {
        let (element, panel) = (unit / panels, unit % panels)
        kernels.sums(
          geometry, patches + element * total * inputs, gradients + element * total * outputs,
          total, sums + element * inputs * outputs, panel * lanes, adds)
      }
    }
  }
}

extension Layout {
  /// Images whose channels lie side by side in blocks: `abcd8b`.
  static func blocked(_ shape: [Int], channels: Int) -> Layout {
    Layout([
      Dimension(axis: 0, extent: shape[0], multiplier: 1),
      Dimension(axis: 1, extent: shape[1] / channels, multiplier: channels),
      Dimension(axis: 2, extent: shape[2], multiplier: 1),
      Dimension(axis: 3, extent: shape[3], multiplier: 1),
      Dimension(axis: 1, extent: channels, multiplier: 1),
    ])
  }
}
