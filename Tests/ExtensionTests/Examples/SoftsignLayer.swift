import BoundAlgebra
import ModelIR
import TensorGraph

@testable import Catalog

/// Softsign: f(x) = x/(1 + a·|x|).
///
/// - Shapes: any, kept.
/// - Bound: slopes 1/(1 + a·|x|)², between 0 and 1, reached at 0; constant 1.
/// - Cost: one pass over the elements.
/// - Reference: Bergstra, Desjardins, Lamblin, Bengio 2009.
struct SoftsignLayer: Layer {
  static let kind = "softsign"
  static let mainKey: String? = "sharpness"
  static let examples = [
    LayerExample("", inputs: [[5]]), LayerExample("{sharpness: 4}", inputs: [[2, 3, 3]]),
  ]

  private let sharpness: StoredConstant

  init(from reader: inout ConfigReader) {
    sharpness = StoredConstant(
      reader.read("sharpness", default: 1, "how fast a the function saturates", .range(0.125...64)))
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }

  func bound(in context: LayerBoundContext) -> LayerBound { .elementwise(Slopes(positive: .one)) }

  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    return x / (1 + abs(x) * sharpness.value)
  }
}
