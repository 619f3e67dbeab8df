import ModelIR

/// Nearest-neighbor upsampling: repeats every element of an image fh × fw times.
///
/// - Shapes: [C, H, W] → [C, fh·H, fw·W].
/// - Bound: constant √(fh·fw), exact: the change of each element enters the squared norm fh·fw times.
/// - Cost: a copy.
/// - Reference: immediate.
struct UpsampleLayer: ImageCopyLayer {
  static let kind = "upsample"
  static let mainKey: String? = "factor"
  static let examples = [
    LayerExample("{factor: 2}", inputs: [[2, 2, 3]]),
    LayerExample("{factor: [1, 3]}", inputs: [[1, 2, 2]]),
  ]

  private let factor: PairValue

  init(from reader: inout ConfigReader) {
    factor = reader.read("factor", "how often each row and column is repeated", .extents)
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
