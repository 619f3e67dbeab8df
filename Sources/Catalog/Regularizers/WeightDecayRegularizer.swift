import ModelIR
import TensorGraph

/// Weight decay of chosen layers: (λ/2)·Σ ‖W‖_F² is added to the loss, over dense layers and convolutions.
///
/// The key `weight_decay` of an optimiser does this, or its decoupled form, to every weight; this one
/// is for a decay that spares some layers.
///
/// - Cost: one pass over the weights.
/// - Reference: Krogh, Hertz 1991.
public struct WeightDecayRegularizer: Regularizer {
  private static let declared = RegularizerKeys(
    SpecKey(
      "weight", "the factor λ", .init("at least 0") { $0 >= 0 }),
    layers: .all)

  /// The name in a spec.
  public static let kind = "weight_decay"
  /// The keys.
  public static let keys = declared.descriptions
  /// `weight_decay: 5e-4`.
  public static let mainKey: String? = "weight"
  /// Cases for the generic tests.
  public static let examples = ["5e-4", "{weight: 0.1, layers: head}"]

  /// The layers.
  public let layers: RegularizedLayers
  private let weight: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let read = Self.declared.read(from: &reader) else { return nil }
    (weight, layers) = read
  }

  /// (λ/2)·‖W‖_F².
  public var penalty: Penalty? {
    .ofWeight { [factor = weight] weight, builder in
      let squares = builder.multiply(weight, weight)
      let sum = builder.sum(squares)
      return builder.scale(sum, by: factor / 2)
    }
  }

  /// Nothing.
  public func retraction(
    of weight: Value, groups: Int, into builder: inout GraphBuilder
  ) -> Value { weight }
}
