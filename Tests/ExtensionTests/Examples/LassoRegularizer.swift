import ModelIR
import TensorGraph

/// The lasso: λ·Σ|w| is added to the loss, over dense layers and convolutions.
///
/// - Cost: one pass over the weights.
/// - Reference: Tibshirani 1996.
struct LassoRegularizer: Regularizer {
  static let kind = "lasso"
  static let mainKey: String? = "weight"
  static let examples = ["1e-4"]

  let layers = RegularizedLayers.all
  private let weight: Double

  init(from reader: inout ConfigReader) {
    weight = reader.read("weight", "the factor λ", .nonNegative)
  }

  var penalty: Penalty? { .ofWeight { [weight] tensor in weight * abs(tensor).sum() } }
}
