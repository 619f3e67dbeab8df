import ModelIR

/// Rearranges pixels into channels: y[c·r² + i·r + j, h, w] = x[c, r·h + i, r·w + j]; the inverse of
/// `pixel_shuffle`.
///
/// Unlike a stride it loses nothing.
///
/// - Shapes: [C, H, W] → [C·r², H/r, W/r], H and W divisible by r.
/// - Bound: constant 1, reached by every image: a permutation.
/// - Cost: a copy.
/// - Reference: Shi et al. 2016.
struct PixelUnshuffleLayer: ImageCopyLayer {
  static let kind = "pixel_unshuffle"
  static let mainKey: String? = "factor"
  static let examples = [LayerExample("{factor: 2}", inputs: [[2, 4, 2]])]

  private let factor: Int

  init(from reader: inout ConfigReader) {
    factor = reader.read("factor", "the factor r of both axes", .extents)
  }

  func check(_ image: [Int]) throws(ShapeFault) {
    guard image[1] % factor == 0, image[2] % factor == 0 else {
      throw ShapeFault(
        "needs a height and width divisible by 'factor' \(factor), found \(image)",
        help: "put 'zero_pad' or 'crop' before it")
    }
  }

  func map(_ image: [Int]) -> CopyMap {
    let (channels, height, width) = (image[0], image[1] / factor, image[2] / factor)
    return CopyMap(
      image,
      [
        .reshape([channels, height, factor, width, factor]), .transpose([0, 2, 4, 1, 3]),
        .reshape([channels * factor * factor, height, width]),
      ])
  }
}
