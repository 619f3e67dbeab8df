import ModelIR

/// Every element of an image repeated fh × fw times: the nearest element at a larger scale.
///
/// - Shapes: [C, H, W] → [C, fh·H, fw·W].
/// - Bound: constant √(fh·fw), exact: each element's change is counted fh·fw times in the square.
/// - Cost: a copy.
/// - Reference: immediate.
public struct UpsampleLayer: ImageCopyLayer {
  private static let factor = SpecKey<PairValue>(
    "factor", "how often each row and column is repeated", .extents)

  /// The name in a spec.
  public static let kind = "upsample"
  /// The keys.
  public static let keys = [factor.description]
  /// `upsample: 2`.
  public static let mainKey: String? = "factor"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{factor: 2}", inputs: [[2, 2, 3]]),
    LayerExample("{factor: [1, 3]}", inputs: [[1, 2, 2]]),
  ]

  private let factor: PairValue

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let factor = reader.read(Self.factor) else { return nil }
    self.factor = factor
  }

  func map(_ image: [Int]) -> CopyMap {
    let (rows, columns) = (factor.height, factor.width)
    return CopyMap(
      image,
      [
        .broadcast([image[0], image[1], rows, image[2], columns], axes: [0, 1, 3]),
        .reshape([image[0], image[1] * rows, image[2] * columns]),
      ])
  }
}
