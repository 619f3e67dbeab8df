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
  private static let declared = RegularizerKeys(
    SpecKey(
      "weight", "the factor λ", .init("at least 0") { $0 >= 0 }),
    layers: .all)

  /// The name in a spec.
  public static let kind = "spectral_norm"
  /// The keys.
  public static let keys = declared.descriptions
  /// `spectral_norm: 0.01`.
  public static let mainKey: String? = "weight"
  /// Cases for the generic tests.
  public static let examples = ["0.01", "{weight: 0.5, layers: hidden}"]

  /// The layers.
  public let layers: RegularizedLayers
  private let weight: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let read = Self.declared.read(from: &reader) else { return nil }
    (weight, layers) = read
  }

  /// (λ/2)·σ².
  public var penalty: Penalty? {
    .ofNorm { [weight] norm, builder in
      let square = builder.multiply(norm, norm)
      return builder.scale(square, by: weight / 2)
    }
  }

  /// Nothing.
  public func retraction(
    of weight: Value, groups: Int, into builder: inout GraphBuilder
  ) -> Value { weight }
}
