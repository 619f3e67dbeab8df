import ModelIR

/// Zeros around an image.
///
/// - Shapes: [C, H, W] → [C, H + top + bottom, W + left + right].
/// - Bound: constant 1: every element is kept, and zeros add nothing to the norm.
/// - Cost: a copy.
/// - Reference: immediate.
struct ZeroPadLayer: ImageCopyLayer {
  static let kind = "zero_pad"
  static let mainKey: String? = "padding"
  static let examples = [
    LayerExample("{padding: 1}", inputs: [[2, 3, 2]]),
    LayerExample("{padding: [0, 1, 2, 0]}", inputs: [[1, 2, 3]]),
  ]

  private let padding: MarginsValue

  init(from reader: inout ConfigReader) {
    padding = reader.read("padding", "rows and columns of zeros on each side", .amounts)
  }

  func map(_ image: [Int]) -> CopyMap {
    CopyMap(image, [.pad(low: padding.low, high: padding.high)])
  }
}
