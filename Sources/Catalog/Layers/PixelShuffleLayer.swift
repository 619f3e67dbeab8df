import ModelIR

/// Rearranges channels into pixels: y[c, r·h + i, r·w + j] = x[c·r² + i·r + j, h, w].
///
/// - Shapes: [C, H, W] → [C/r², r·H, r·W], C divisible by r².
/// - Bound: constant 1, reached by every image: a permutation.
/// - Cost: a copy.
/// - Reference: Shi et al. 2016.
struct PixelShuffleLayer: ImageCopyLayer {
  static let kind = "pixel_shuffle"
  static let mainKey: String? = "factor"
  static let examples = [LayerExample("{factor: 2}", inputs: [[8, 2, 3]])]

  private let factor: Int

  init(from reader: inout ConfigReader) {
    factor = reader.read("factor", "the factor r of both axes", .extents)
  }

  func check(_ image: [Int]) throws(ShapeFault) {
    guard image[0] % (factor * factor) == 0 else {
      throw ShapeFault(
        "needs channels divisible by the square of 'factor', \(factor * factor), found \(image)")
    }
  }

  func map(_ image: [Int]) -> CopyMap {
    let (channels, height, width) = (image[0] / (factor * factor), image[1], image[2])
    return CopyMap(
      image,
      [
        .reshape([channels, factor, factor, height, width]), .transpose([0, 3, 1, 4, 2]),
        .reshape([channels, height * factor, width * factor]),
      ])
  }
}
