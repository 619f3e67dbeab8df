import CMatrixKernels

/// A convolution or one of its adjoints by Winograd's algorithm (Lavin and Gray 2016): with 3×3 taps and stride 1 by
/// F(4×4, 3×3), 36 products of transformed tiles where the direct algorithm has 144; with 4×4 taps and stride 2 by
/// F(7×7, 2×2) of its four phases, 256 instead of 784.
///
/// Rounding errors are some ten to thirty times those of sums of products in float32, so that only training uses it.
/// Images lie in blocks of as many channels as a vector has lanes, filters row-major.
struct WinogradConvolution {
  /// The layouts of the two operands and the result.
  let layouts: (first: Layout, second: Layout, result: Layout)

  private let direction: ConvolutionDirection
  private let kernels: lmtc_winograd_kernels
  private let geometry: lmtc_winograd

  /// Tiles of a pass over all products: its transformed tiles stay in the cache.
  private static let tilesAtOnce = 30
  /// Numbers of transformed tiles that stay in a cache of all cores.
  private static let sharedCount = 2_000_000
  /// Numbers that the sums of all threads may take.
  private static let ownCount = 8_000_000

  /// nil where the algorithm does not apply, or saves less than half of the multiplications.
  ///
  /// The rule knows only the geometry and the processor's vectors, so that every run computes the same bits.
  init?(_ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry) {
    guard let kernels = lmtc_winograd_for_processor(geometry.window.strides[0])?.pointee,
      Self.isServed(geometry, kernels), Self.isWorthwhile(geometry, kernels)
    else { return nil }
    (self.direction, self.kernels) = (direction, kernels)
    let isTurned = direction == .inputGradient && kernels.stride == 1
    self.geometry = isTurned ? Self.turned(geometry) : Self.described(geometry)
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

  /// Whether the taps and the channels are those of the kernels, and every tap and every place of an image is used.
  private static func isServed(
    _ geometry: ConvolutionGeometry, _ kernels: lmtc_winograd_kernels
  ) -> Bool {
    let (window, extent, stride) = (geometry.window, Int(kernels.extent), Int(kernels.stride))
    let lanes = 2 * Int(kernels.block)
    let padding = window.paddingLow + window.paddingHigh
    let rows = geometry.height + padding[0] + padding[2]
    let columns = geometry.width + padding[1] + padding[3]
    return window.kernel == [extent, extent] && window.strides == [stride, stride]
      && window.dilations == [1, 1] && window.groups == 1
      && padding.allSatisfy { (0..<extent).contains($0) }
      && (rows - extent) % stride == 0 && (columns - extent) % stride == 0
      && geometry.channels % lanes == 0 && geometry.filters % lanes == 0
      && min(geometry.channels, geometry.filters) >= 32 && geometry.batch >= 4
  }

  private static func isWorthwhile(
    _ geometry: ConvolutionGeometry, _ kernels: lmtc_winograd_kernels
  ) -> Bool {
    let (results, stride) = (Int(kernels.results), Int(kernels.stride))
    let taps = Int(kernels.extent / kernels.stride)
    func saves(_ height: Int, _ width: Int) -> Bool {
      let tiles = ((height + results - 1) / results) * ((width + results - 1) / results)
      return height > 0 && width > 0
        && taps * taps * height * width >= 2 * Int(kernels.elements) * tiles
    }
    return saves(geometry.outHeight, geometry.outWidth)
      && (stride > 1 || saves(geometry.height, geometry.width))
  }

  private static func described(_ geometry: ConvolutionGeometry) -> lmtc_winograd {
    lmtc_winograd(
      images: geometry.batch, channels: geometry.channels, filters: geometry.filters,
      height: geometry.height, width: geometry.width, result_height: geometry.outHeight,
      result_width: geometry.outWidth, top: geometry.window.paddingLow[0],
      left: geometry.window.paddingLow[1])
  }

  /// With stride 1 the adjoint with respect to x is a convolution of dy with the filter rotated by a half turn.
  private static func turned(_ geometry: ConvolutionGeometry) -> lmtc_winograd {
    let (kernel, padding) = (geometry.window.kernel, geometry.window.paddingLow)
    return lmtc_winograd(
      images: geometry.batch, channels: geometry.filters, filters: geometry.channels,
      height: geometry.outHeight, width: geometry.outWidth, result_height: geometry.height,
      result_width: geometry.width, top: kernel[0] - 1 - padding[0],
      left: kernel[1] - 1 - padding[1])
  }

  /// `Winograd F(4×4, 3×3)`.
  var name: String {
    let taps = kernels.extent / kernels.stride
    return "Winograd F(\(kernels.results)×\(kernels.results), \(taps)×\(taps))"
  }

  private var tilesOfImage: Int {
    let results = kernels.results
    return ((geometry.result_height + results - 1) / results)
      * ((geometry.result_width + results - 1) / results)
  }
  private var tiles: Int { geometry.images * tilesOfImage }
  /// Channels of all phases.
  private var inputs: Int { kernels.stride * kernels.stride * geometry.channels }
  /// Numbers from one element of transformed tiles or filters to the next.
  private func plane(_ rows: Int, _ columns: Int) -> Int {
    (rows * columns / kernels.block | 1) * kernels.block
  }
  /// Numbers of the transformed filter.
  private var filterCount: Int { kernels.elements * plane(inputs, geometry.filters) }
  /// Numbers of the transformed tiles of `count` tiles, of both sides of the products.
  private func tileCount(_ count: Int) -> Int {
    kernels.elements * (plane(count, inputs) + plane(count, geometry.filters))
  }
  /// Tiles of a pass of a filter gradient in which all threads take part.
  private func sharedTiles(_ threads: Int) -> Int {
    min(tiles, max(Self.tilesAtOnce * threads, Self.sharedCount / tileCount(1)))
  }

  /// Elements of working memory.
  func scratchCount(threads: Int) -> Int {
    switch direction {
    case .forward, .inputGradient:
      filterCount + threads * tileCount(min(tiles, Self.tilesAtOnce))
    case .filterGradient where hasOwnSums(threads):
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
    let transform = isAdjoint ? kernels.adjoint_filter : kernels.filter
    let apply = isAdjoint ? kernels.apply_adjoint : kernels.apply
    let rows = isAdjoint && kernels.stride > 1 ? geometry.filters : geometry.channels
    team.forEachRange(count: rows, grain: 8) { _, range in
      withUnsafePointer(to: geometry) {
        transform?($0, filter, scratch, range.lowerBound, range.count)
      }
    }
    let (space, once) = (scratch + filterCount, min(tiles, Self.tilesAtOnce))
    // Whole images, because tiles of an image may overlap in the result.
    team.forEachRange(count: geometry.images, grain: 1) { thread, images in
      let end = images.upperBound * tilesOfImage
      withUnsafePointer(to: geometry) { geometry in
        for start in stride(from: images.lowerBound * tilesOfImage, to: end, by: once) {
          apply?(
            geometry, source, scratch, result, space + thread * tileCount(once), start,
            min(once, end - start))
        }
      }
    }
  }

  /// Whether each thread of a filter gradient adds up the products of its tiles by itself: that saves
  /// waiting, but takes memory for every thread.
  private func hasOwnSums(_ threads: Int) -> Bool { threads * filterCount <= Self.ownCount }

  private func differentiate(
    _ x: Elements, _ dy: Elements, _ gradient: Elements, _ scratch: Elements, _ team: ThreadTeam
  ) {
    if hasOwnSums(team.threads) {
      addOwnProducts(x, dy, scratch, team)
    } else {
      addSharedProducts(x, dy, scratch, team)
    }
    team.forEachRange(count: geometry.channels, grain: 8) { _, range in
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
        let gradients = patches + kernels.elements * plane(count, inputs)
        transform(x, dy, patches, gradients, start, 0..<count, of: count)
        multiply(
          x, dy, patches, gradients, own, start, count, 0..<unitCount,
          adds: start > range.lowerBound)
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
      let gradients = patches + kernels.elements * plane(count, inputs)
      team.forEachRange(count: count, grain: 4) { _, range in
        transform(x, dy, patches, gradients, start, range, of: count)
      }
      team.forEachRange(count: unitCount, grain: 8) { _, range in
        multiply(x, dy, patches, gradients, sums, start, count, range, adds: start > 0)
      }
    }
  }

  /// Asks for tiles that are transformed next: products leave memory idle.
  private func request(_ x: Elements, _ dy: Elements, _ first: Int, _ count: Int) {
    withUnsafePointer(to: geometry) {
      kernels.request_source($0, x, first, count)
      kernels.request_result($0, dy, first, count)
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
  /// Parts of the products of a filter gradient.
  private var unitCount: Int { kernels.elements * (geometry.filters / lanes) }

  /// Some units of the products of the `total` tiles from `start` on.
  private func multiply(
    _ x: Elements, _ dy: Elements, _ patches: Elements, _ gradients: Elements, _ sums: Elements,
    _ start: Int, _ total: Int, _ units: Range<Int>, adds: Bool
  ) {
    let (filters, panels) = (geometry.filters, geometry.filters / lanes)
    for unit in units {
      let (element, panel) = unit.quotientAndRemainder(dividingBy: panels)
      let next = total * unit / unitCount..<total * (unit + 1) / unitCount
      request(x, dy, start + total + next.lowerBound, next.count)
      withUnsafePointer(to: geometry) {
        kernels.sums(
          $0, patches + element * plane(total, inputs),
          gradients + element * plane(total, filters), total,
          sums + element * plane(inputs, filters), panel * lanes, adds)
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
