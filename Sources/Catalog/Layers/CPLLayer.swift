import ModelIR

/// A convex potential layer: y = x − 2·Mᵀσ(M x + b), σ the rectifier, M a free matrix or convolution divided by a
/// bound on its norm.
///
/// A residual block that is 1-Lipschitz for every weight: a step of gradient descent for a convex function whose
/// gradient is Mᵀσ(M x + b).
///
/// With `kernel` M is the convolution of an image with h filters, one window for each pixel and zeros around the image,
/// and Mᵀ its adjoint.
///
/// - Shapes: [D], kept; `weight` [h, D] is M, `bias` [h]. With `kernel` [C, H, W], kept; `weight` [h, C, kh, kw].
/// - Bound: max(1, 2‖M‖² − 1). The derivative I − 2·MᵀSM, S diagonal between 0 and 1, is symmetric with
///   eigenvalues between 1 − 2‖M‖² and 1. In training M is formed as by `spectral`, so that ‖M‖ ≤ 1 and the
///   constant is 1 before any weight exists. `weight` in a file is M.
/// - Cost: 4·h·D operations per sample, or 4·h·C·kh·kw for each pixel, beside those of `spectral` a step.
/// - Reference: Meunier, Delattre, Araujo, Allauzen 2022.
struct CPLLayer: ConvexPotentialLayer {
  static let kind = "cpl"

  let block: ConvexPotential

  init(from reader: inout ConfigReader) {
    block = ConvexPotential(from: &reader, SpectralParametrization())
  }
}
