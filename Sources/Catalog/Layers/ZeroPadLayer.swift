import ModelIR

/// Zeros around an image.
///
/// - Shapes: [C, H, W] → [C, H + top + bottom, W + left + right].
/// - Bound: constant 1; every element stays, and zeros add nothing to the norm.
/// - Cost: a copy.
/// - Reference: immediate.
public struct ZeroPadLayer: ImageCopyLayer {
  private static let padding = SpecKey<MarginsValue>(
    "padding", "rows and columns of zeros on each side", .margins)

  /// The name in a spec.
  public static let kind = "zero_pad"
  /// The keys.
  public static let keys = [padding.description]
  /// `zero_pad: 1`.
  public static let mainKey: String? = "padding"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{padding: 1}", inputs: [[2, 3, 2]]),
    LayerExample("{padding: [0, 1, 2, 0]}", inputs: [[1, 2, 3]]),
  ]

  private let padding: MarginsValue

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let padding = reader.read(Self.padding) else { return nil }
    self.padding = padding
  }

  func map(_ image: [Int]) -> CopyMap {
    CopyMap(image, [.pad(low: padding.low, high: padding.high)])
  }
}
