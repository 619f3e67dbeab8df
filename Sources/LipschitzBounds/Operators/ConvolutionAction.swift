import MatrixProducts

/// A convolution and its adjoint, prepared for many single vectors in the order (h, w, channel).
///
/// Separated by the phases of the stride, both are correlations of stride 1: y[p] = Σ K[k] x_r[p + a] with
/// k·d − padding = s·a + r, and x_r[i] = Σ K[k]ᵀ y[i − a] over the taps of phase r.
struct ConvolutionAction: Sendable {
  private let rows: Int
  private let columns: Int
  private let forwardPass: Correlation
  private let adjointPasses: [Correlation]

  init(_ block: ConvolutionBlock) {
    (rows, columns) = (block.rows, block.columns)
    let (strides, taps) = (block.window.strides, block.taps)
    let (channels, filters) = (block.channels, block.filters)
    let places = block.tapPlaces
    let phases = (0..<strides[0]).flatMap { h in (0..<strides[1]).map { [h, $0] } }
    let inputs = phases.map { phase in
      Lattice(
        offset: phase, step: strides, channels: channels, width: block.extent[1],
        extent: (0..<2).map { (block.extent[$0] - phase[$0] + strides[$0] - 1) / strides[$0] })
    }
    let output = Lattice(
      offset: [0, 0], step: [1, 1], channels: filters, width: block.outputExtent[1],
      extent: block.outputExtent)
    forwardPass = Correlation(
      from: inputs, to: output,
      taps: places.map { place in
        (place[0].phase * strides[1] + place[1].phase, place.map(\.shift))
      }
    ) { tap, output, input in taps[tap][output * channels + input] }
    adjointPasses = zip(phases, inputs).map { phase, input in
      let own = taps.indices.filter { places[$0].map(\.phase) == phase }
      return Correlation(
        from: [output], to: input, taps: own.map { (0, places[$0].map { -$0.shift }) }
      ) { tap, output, input in taps[own[tap]][input * channels + output] }
    }
  }

  /// A x.
  func forward(_ x: [Double]) -> [Double] { Self.apply([forwardPass], to: x, count: rows) }

  /// Aᵀ y.
  func adjoint(_ y: [Double]) -> [Double] { Self.apply(adjointPasses, to: y, count: columns) }

  private static func apply(_ passes: [Correlation], to x: [Double], count: Int) -> [Double] {
    var y = Array(repeating: 0.0, count: count)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        for pass in passes { pass.apply(x, y) }
      }
    }
    return y
  }
}

/// Every s-th position of an image [H, W, channels], beginning at an offset.
private struct Lattice: Sendable {
  let offset: [Int]
  let step: [Int]
  let channels: Int
  /// W.
  let width: Int
  /// The number of positions along each axis.
  let extent: [Int]

  /// The place of the first channel at a position of the lattice.
  @inline(__always)
  func place(_ h: Int, _ w: Int) -> Int {
    ((offset[0] + h * step[0]) * width + offset[1] + w * step[1]) * channels
  }
}

/// y[p] = Σ over taps of K x_r[p + a], for positions p of one lattice and lattices x_r.
///
/// The lattices are copied to one image for each channel, with zeros where taps read beyond them. So six
/// positions of a row and 16 channels of the result are one tile of a matrix product.
private struct Correlation: Sendable {
  private let sources: [Lattice]
  private let target: Lattice
  /// The least shift along each axis.
  private let low: [Int]
  /// [H, W] of the images with zeros.
  private let padded: [Int]
  /// The places of the factors of one result in the images and in a group of the taps.
  private let places: [Int32]
  private let tapPlaces: [Int32]
  /// By group of 16 outputs, then tap and input channel, then output.
  private let packed: [Double]

  init(
    from sources: [Lattice], to target: Lattice, taps: [(source: Int, shift: [Int])],
    _ coefficient: (_ tap: Int, _ output: Int, _ input: Int) -> Double
  ) {
    let inputs = sources[0].channels
    let low = (0..<2).map { axis in taps.map { $0.shift[axis] }.min() ?? 0 }
    let high = (0..<2).map { axis in taps.map { $0.shift[axis] }.max() ?? 0 }
    let padded = [
      target.extent[0] + high[0] - low[0], (target.extent[1] + 5) / 6 * 6 + high[1] - low[1],
    ]
    (self.sources, self.target, self.low, self.padded) = (sources, target, low, padded)
    var (places, packed) = ([Int32](), [Double]())
    for tap in taps {
      for input in 0..<inputs {
        let image = (tap.source * inputs + input) * padded[0] + tap.shift[0] - low[0]
        places.append(Int32(image * padded[1] + tap.shift[1] - low[1]))
      }
    }
    for first in stride(from: 0, to: target.channels, by: 16) {
      for tap in taps.indices {
        for input in 0..<inputs {
          for output in first..<first + 16 {
            packed.append(output < target.channels ? coefficient(tap, output, input) : 0)
          }
        }
      }
    }
    (self.places, self.packed) = (places, packed)
    tapPlaces = places.indices.map { Int32($0 * 16) }
  }

  /// Computes y at the positions of the target.
  func apply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    guard !places.isEmpty else { return }
    let count = sources.count * sources[0].channels * padded[0] * padded[1]
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count + 96) { images in
      guard let images = images.baseAddress else { return }
      images.update(repeating: 0, count: count)
      for source in sources.indices { copy(source, x, images) }
      for h in 0..<target.extent[0] {
        for w in stride(from: 0, to: target.extent[1], by: 6) {
          multiply(images + h * padded[1] + w, h, w, y, images + count)
        }
      }
    }
  }

  private func copy(
    _ index: Int, _ x: UnsafePointer<Double>, _ images: UnsafeMutablePointer<Double>
  ) {
    let (source, size) = (sources[index], padded[0] * padded[1])
    for h in max(0, low[0])..<max(low[0], 0, min(source.extent[0], padded[0] + low[0])) {
      for w in max(0, low[1])..<max(low[1], 0, min(source.extent[1], padded[1] + low[1])) {
        let pixel = x + source.place(h, w)
        let place = images + (h - low[0]) * padded[1] + w - low[1] + index * source.channels * size
        for channel in 0..<source.channels { place[channel * size] = pixel[channel] }
      }
    }
  }

  private func multiply(
    _ images: UnsafePointer<Double>, _ h: Int, _ w: Int, _ y: UnsafeMutablePointer<Double>,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    for first in stride(from: 0, to: target.channels, by: 16) {
      packed.withUnsafeBufferPointer { packed in
        guard let packed = packed.baseAddress else { return }
        LaneProducts.sums(
          images, places, packed + first * places.count, tapPlaces, count: places.count, into: sums)
      }
      let channels = min(16, target.channels - first)
      for r in 0..<min(6, target.extent[1] - w) {
        let place = y + target.place(h, w + r) + first
        for channel in 0..<channels { place[channel] = sums[r * 16 + channel] }
      }
    }
  }
}
