import CMatrixKernels
import Execution

/// The filter gradient of a convolution of one or two channels, from dy in blocks of channels: oneDNN has only
/// products with unfolded patches for it.
///
/// Products are added up for each image, over the images of each thread, and over threads in their order.
final class TapGradientStep: Step {
  private let geometry: ConvolutionGeometry
  private let block = lmtc_vector_width()
  private var first, second, result: BufferID
  private var memory: BoundMemory?

  /// Whether it serves a convolution: not where there are more channels, or where vectors do not fit the filters.
  static func serves(_ geometry: ConvolutionGeometry) -> Bool {
    let block = lmtc_vector_width()
    return block >= 8 && geometry.filters % block == 0 && geometry.channels <= 2
      && geometry.batch >= 4 && geometry.patch <= Int(LMTC_MOST_TAPS) && geometry.patch > 0
      && geometry.positions > 0 && geometry.window.groups == 1
      && geometry.window.dilations == [1, 1]
  }

  /// The layout of dy; x and the gradient are row-major.
  static func layout(_ geometry: ConvolutionGeometry) -> Layout {
    .blocked(geometry.yShape, channels: lmtc_vector_width())
  }

  init(_ geometry: ConvolutionGeometry, first: BufferID, second: BufferID, result: BufferID) {
    self.geometry = geometry
    (self.first, self.second, self.result) = (first, second, result)
  }

  var reads: [BufferID] { [first, second] }
  var writes: [BufferID] { [result] }
  var kind: String { ConvolutionDirection.filterGradient.kind }
  var work: StepWork { geometry.work(.filterGradient) }
  var summary: String {
    "convolution filterGradient by taps \(geometry.text), \(Self.layout(geometry).text)"
  }

  private var height: Int {
    geometry.height + geometry.window.paddingLow[0] + geometry.window.paddingHigh[0]
  }
  private var width: Int {
    geometry.width + geometry.window.paddingLow[1] + geometry.window.paddingHigh[1]
  }
  /// Elements of an image with its padding.
  private var imageCount: Int { geometry.channels * height * width }
  private var sumCount: Int { geometry.filters * geometry.patch }

  func scratchCount(threads: Int) -> Int { threads * (imageCount + sumCount) }

  func rename(_ canonical: (BufferID) -> BufferID) {
    first = canonical(first)
    second = canonical(second)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let (x, dy) = (memory.address(first), memory.address(second))
    let taps = self.taps
    let parts = team.forEachRange(count: geometry.batch, grain: 4) { thread, images in
      let image = memory.scratch + thread * (imageCount + sumCount)
      image.update(repeating: 0, count: imageCount + sumCount)
      for index in images {
        pad(x + index * geometry.imageCount, into: image)
        let planes = dy + index * geometry.resultCount
        withUnsafePointer(to: taps) { taps in
          for part in 0..<geometry.filters / block {
            lmtc_tap_sums(
              taps, image, planes + part * block * geometry.positions,
              image + imageCount + part * block * geometry.patch)
          }
        }
      }
    }
    addParts(parts, memory.scratch, to: memory.address(result))
  }

  /// Where the taps lie in a padded image.
  private var taps: lmtc_taps {
    var taps = lmtc_taps()
    let kernel = geometry.window.kernel
    withUnsafeMutableBytes(of: &taps.places) { bytes in
      let places = bytes.bindMemory(to: Int.self)
      for tap in 0..<geometry.patch {
        let (channel, rest) = tap.quotientAndRemainder(dividingBy: kernel[0] * kernel[1])
        places[tap] = (channel * height + rest / kernel[1]) * width + rest % kernel[1]
      }
    }
    taps.count = geometry.patch
    taps.rows = geometry.outHeight
    taps.columns = geometry.outWidth
    taps.row_step = geometry.window.strides[0] * width
    taps.column_step = geometry.window.strides[1]
    return taps
  }

  /// Copies an image into the middle of a padded one, whose padding is 0.
  private func pad(_ image: Elements, into padded: Elements) {
    let corner = geometry.window.paddingLow[0] * width + geometry.window.paddingLow[1]
    for channel in 0..<geometry.channels {
      for row in 0..<geometry.height {
        (padded + ((channel * height + row) * width + corner)).update(
          from: image + (channel * geometry.height + row) * geometry.width, count: geometry.width)
      }
    }
  }

  /// The gradient [M, C, kh, kw] from each thread's sums [M/block, taps, block].
  private func addParts(_ parts: Int, _ scratch: Elements, to gradient: Elements) {
    let sums = scratch + imageCount
    for filter in 0..<geometry.filters {
      for tap in 0..<geometry.patch {
        let place = (filter / block * geometry.patch + tap) * block + filter % block
        gradient[filter * geometry.patch + tap] = (0..<parts).reduce(0) {
          $0 + sums[$1 * (imageCount + sumCount) + place]
        }
      }
    }
  }
}
