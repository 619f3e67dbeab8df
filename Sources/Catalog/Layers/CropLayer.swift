import ModelIR

/// An image without its margins.
///
/// - Shapes: [C, H, W] → [C, H − top − bottom, W − left − right], at least one element of each.
/// - Bound: constant 1, reached by what stays.
/// - Cost: a copy.
/// - Reference: immediate.
public struct CropLayer: ImageCopyLayer {
  private static let margins = SpecKey<MarginsValue>(
    "margins", "rows and columns left out on each side", .margins)

  /// The name in a spec.
  public static let kind = "crop"
  /// The keys.
  public static let keys = [margins.description]
  /// `crop: 2`.
  public static let mainKey: String? = "margins"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{margins: 1}", inputs: [[2, 4, 3]]),
    LayerExample("{margins: [0, 1, 2, 0]}", inputs: [[1, 2, 3]]),
  ]

  private let margins: MarginsValue

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let margins = reader.read(Self.margins) else { return nil }
    self.margins = margins
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
