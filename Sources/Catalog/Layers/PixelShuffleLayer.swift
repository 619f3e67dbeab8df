import ModelIR

/// Channels made into pixels: y[c, r·h + i, r·w + j] = x[c·r² + i·r + j, h, w].
///
/// - Shapes: [C, H, W] → [C/r², r·H, r·W], C divisible by r².
/// - Bound: constant 1, reached by every image: a permutation.
/// - Cost: a copy.
/// - Reference: Shi et al. 2016.
public struct PixelShuffleLayer: ImageCopyLayer {
  private static let factor = SpecKey<Int>("factor", "the factor r of both axes", .extent)

  /// The name in a spec.
  public static let kind = "pixel_shuffle"
  /// The keys.
  public static let keys = [factor.description]
  /// `pixel_shuffle: 2`.
  public static let mainKey: String? = "factor"
  /// Cases for the generic tests.
  public static let examples = [LayerExample("{factor: 2}", inputs: [[8, 2, 3]])]

  private let factor: Int

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let factor = reader.read(Self.factor) else { return nil }
    self.factor = factor
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
