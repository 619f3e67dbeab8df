import ModelIR

/// Brightness: every element is multiplied by one random factor in [1 − s, 1 + s].
///
/// - Shapes: any.
/// - Cost: one pass over the sample.
struct BrightnessAugmentation: Augmentation {
  static let kind = "brightness"
  static let mainKey: String? = "spread"
  static let examples = ["", "0.5"]

  private let spread: Double

  init(from reader: inout ConfigReader) {
    spread = reader.read("spread", default: 0.2, "the spread s of the factor", .fraction)
  }

  func check(_ shape: [Int]) throws(ShapeFault) {}

  func apply(
    to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], draws: SampleDraws
  ) {
    let factor = Float(1 + spread * (2 * draws.uniform(0) - 1))
    for index in sample.indices { sample[index] *= factor }
  }
}
