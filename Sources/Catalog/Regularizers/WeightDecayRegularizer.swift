import ModelIR
import TensorGraph

/// Weight decay of chosen layers: (λ/2)·Σ ‖W‖_F² is added to the loss, over dense layers and convolutions.
///
/// The key `weight_decay` of an optimizer applies this, or its decoupled form, to every weight; this
/// regularizer decays only some layers.
///
/// - Cost: one pass over the weights.
/// - Reference: Krogh, Hertz 1991.
struct WeightDecayRegularizer: Regularizer {
  static let kind = "weight_decay"
  static let mainKey: String? = "weight"
  static let examples = ["5e-4", "{weight: 0.1, layers: head}"]

  private let halfSquare: HalfSquare

  init(from reader: inout ConfigReader) { halfSquare = HalfSquare(from: &reader) }

  var layers: RegularizedLayers { halfSquare.layers }

  /// (λ/2)·‖W‖_F².
  var penalty: Penalty? {
    .ofWeight { [halfSquare] weight in halfSquare(ofSquare: (weight * weight).sum()) }
  }
}
