import ModelIR

/// A horizontal flip: with probability p the columns of the image change places, left for right.
///
/// - Shapes: [C, H, W].
/// - Cost: one pass over the sample.
/// - Reference: Krizhevsky, Sutskever, Hinton 2012, section 4.1.
public struct HorizontalFlipAugmentation: Augmentation {
  private enum Keys {
    static let probability = SpecKey<Double>(
      "probability", default: 0.5, "the probability p of a flip",
      .init("at least 0 and at most 1") { (0...1).contains($0) })
  }

  /// The name in a spec.
  public static let kind = "horizontal_flip"
  /// The keys.
  public static let keys = [Keys.probability.description]
  /// `horizontal_flip: 0.5`.
  public static let mainKey: String? = "probability"
  /// Cases for the generic tests.
  public static let examples = ["{}", "0.25"]

  private let probability: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let probability = reader.read(Keys.probability) else { return nil }
    self.probability = probability
  }

  /// An image.
  public func check(_ shape: [Int]) throws(ShapeFault) {
    guard shape.count == 3 else {
      throw ShapeFault("needs images [channels, height, width], found \(shape)")
    }
  }

  /// Every row reversed, or none.
  public func apply(
    to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], draws: SampleDraws
  ) {
    guard draws.uniform(0) < probability else { return }
    let width = shape[2]
    for start in stride(from: 0, to: sample.count, by: width) {
      sample[start..<start + width].reverse()
    }
  }
}
