import ModelIR
import TensorGraph

/// Spectral-norm regularisation: (λ/2)·Σ σ(W)² is added to the loss, over dense layers and convolutions.
///
/// σ is the norm of a layer's operator, for a convolution that of the map between images and not of the
/// reshaped filter. It is the estimate that the step's power iteration gives anyway, with the singular
/// vectors u, v held constant, so that the gradient is λ·σ·u vᵀ.
///
/// - Cost: none beside the power iteration of every step.
/// - Reference: Yoshida, Miyato 2017, equation 4.
public struct SpectralNormRegularizer: Regularizer {
  private enum Keys {
    static let weight = SpecKey<Double>(
      "weight", "the factor λ", .init("at least 0") { $0 >= 0 })
    static let layers = RegularizedLayers.key(default: .all)
  }

  /// The name in a spec.
  public static let kind = "spectral_norm"
  /// The keys.
  public static let keys = [Keys.weight.description, Keys.layers.description]
  /// `spectral_norm: 0.01`.
  public static let mainKey: String? = "weight"
  /// Cases for the generic tests.
  public static let examples = ["0.01", "{weight: 0.5, layers: hidden}"]

  /// The layers.
  public let layers: RegularizedLayers
  private let weight: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let weight = reader.read(Keys.weight)
    let layers = reader.read(Keys.layers)
    guard let weight, let layers else { return nil }
    self.weight = weight
    self.layers = layers
  }

  /// (λ/2)·σ².
  public func penalty(_ context: inout PenaltyContext) -> Value? {
    let square = context.builder.multiply(context.norm, context.norm)
    return context.builder.scale(square, by: weight / 2)
  }

  /// Nothing.
  public func retraction(
    of weight: Value, groups: Int, into builder: inout GraphBuilder
  ) -> Value { weight }
}
