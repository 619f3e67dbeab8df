import ModelIR

/// An image without its margins.
///
/// - Shapes: [C, H, W] → [C, H − top − bottom, W − left − right], at least one element of each.
/// - Bound: constant 1, reached by the elements that stay.
/// - Cost: a copy.
/// - Reference: immediate.
struct CropLayer: ImageCopyLayer {
  static let kind = "crop"
  static let mainKey: String? = "margins"
  static let examples = [
    LayerExample("{margins: 1}", inputs: [[2, 4, 3]]),
    LayerExample("{margins: [0, 1, 2, 0]}", inputs: [[1, 2, 3]]),
  ]

  private let margins: MarginsValue

  init(from reader: inout ConfigReader) {
    margins = reader.read("margins", "rows and columns left out on each side", .amounts)
  }

  func check(_ image: [Int]) throws(ShapeFault) {
    let output = map(image).outputShape
    guard output[1] >= 1, output[2] >= 1 else {
      throw ShapeFault(
        "needs an image larger than its margins \(margins.specText), found \(image)")
    }
  }

  func map(_ image: [Int]) -> CopyMap {
    let limits = zip(image, margins.high).map { $0 - $1 }
    return CopyMap(image, [.slice(starts: margins.low, limits: limits)])
  }
}
