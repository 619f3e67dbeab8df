import ModelIR
import TensorGraph

/// Spectral-norm regularization: (λ/2)·Σ σ(W)² is added to the loss, over dense layers and convolutions.
///
/// σ is the norm of a layer's operator, for a convolution that of the map between images and not of the
/// reshaped filter. It is the estimate of the power iteration that every step runs anyway, with the
/// singular vectors u, v held constant, so that the gradient is λ·σ·u vᵀ.
///
/// - Cost: none beside the power iteration of every step.
/// - Reference: Yoshida, Miyato 2017, equation 4.
struct SpectralNormRegularizer: Regularizer {
  static let kind = "spectral_norm"
  static let mainKey: String? = "weight"
  static let examples = ["0.01", "{weight: 0.5, layers: hidden}"]

  private let halfSquare: HalfSquare

  init(from reader: inout ConfigReader) { halfSquare = HalfSquare(from: &reader) }

  var layers: RegularizedLayers { halfSquare.layers }

  /// (λ/2)·σ².
  var penalty: Penalty? {
    .ofNorm { [halfSquare] norm in halfSquare(ofSquare: norm * norm) }
  }
}
