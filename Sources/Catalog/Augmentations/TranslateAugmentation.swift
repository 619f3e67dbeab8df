import ModelIR

/// A random translation by fractions of a pixel: the image is moved down and right by two numbers that are
/// uniform in [−p, p], with bilinear interpolation between pixels and zeros outside.
///
/// Zeros are those of the input space, after `scale`. Unlike `random_crop`, it also blurs: an element is a mean
/// of four pixels.
///
/// - Shapes: [C, H, W] with H and W above p.
/// - Cost: six products for each element.
/// - Reference: Simard, Steinkraus, Platt 2003, section 2.
struct TranslateAugmentation: Augmentation {
  static let kind = "translate"
  static let mainKey: String? = "pixels"
  static let examples = ["{pixels: 0.5}", "1.5"]

  private let pixels: Double

  init(from reader: inout ConfigReader) {
    pixels = reader.read("pixels", default: 1, "the largest distance p along each axis", .positive)
  }

  func check(_ shape: [Int]) throws(ShapeFault) {
    try checkImage(shape)
    guard Double(shape[1]) > pixels, Double(shape[2]) > pixels else {
      throw ShapeFault("needs images larger than 'pixels' \(pixels), found \(shape)")
    }
  }

  func apply(
    to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], draws: SampleDraws
  ) {
    let (down, right) = (Shift(pixels, draws.uniform(0)), Shift(pixels, draws.uniform(1)))
    BilinearMovement(height: shape[1], width: shape[2]) { row, column in
      (down.origin(of: row), right.origin(of: column))
    }.apply(to: sample)
  }

  /// A translation along one axis: a number of whole pixels and a rest in [0, 1).
  private struct Shift {
    private let whole: Int
    private let rest: Float

    init(_ limit: Double, _ uniform: Double) {
      let distance = limit * (2 * uniform - 1)
      whole = Int(distance.rounded(.down))
      rest = Float(distance - distance.rounded(.down))
    }

    func origin(of place: Int) -> BilinearMovement.Origin {
      BilinearMovement.Origin(place - whole - 1, first: rest)
    }
  }
}
