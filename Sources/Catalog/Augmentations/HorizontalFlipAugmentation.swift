import ModelIR

/// A horizontal flip: with probability p each row of the image is reversed.
///
/// - Shapes: [C, H, W].
/// - Cost: one pass over the sample.
/// - Reference: Krizhevsky, Sutskever, Hinton 2012, section 4.1.
struct HorizontalFlipAugmentation: Augmentation {
  static let kind = "horizontal_flip"
  static let mainKey: String? = "probability"
  static let examples = ["{}", "0.25"]

  private let probability: Double

  init(from reader: inout ConfigReader) {
    probability = reader.read(
      "probability", default: 0.5, "the probability p of a flip", .range(0...1))
  }

  func check(_ shape: [Int]) throws(ShapeFault) { try checkImage(shape) }

  func apply(
    to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], draws: SampleDraws
  ) {
    guard draws.uniform(0) < probability else { return }
    let width = shape[2]
    for start in stride(from: 0, to: sample.count, by: width) {
      sample[start..<start + width].reverse()
    }
  }
}

extension Augmentation {
  /// Throws unless samples are images.
  func checkImage(_ shape: [Int]) throws(ShapeFault) {
    guard shape.count == 3 else {
      throw ShapeFault("needs images [channels, height, width], found \(shape)")
    }
  }
}
