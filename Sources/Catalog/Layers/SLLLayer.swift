import ModelIR

/// An SDP-based Lipschitz layer: y = x − 2·V·T⁻¹σ(Vᵀx + b), σ the rectifier, T a diagonal matrix with VᵀV ≼ T.
///
/// With M = T^−½Vᵀ this is the function of `cpl` for another matrix M, and so what is stored. T bounds each unit by
/// what it overlaps with the others instead of all by one norm. With `kernel` M is the convolution of an image with h
/// filters, one window for each pixel and zeros around the image, Mᵀ its adjoint, and T has one number for each filter.
///
/// - Shapes: [D], kept; `weight` [h, D] is M, `bias` [h]. With `kernel` [C, H, W], kept; `weight` [h, C, kh, kw].
/// - Bound: max(1, 2‖M‖² − 1), as for `cpl`. In training M is formed as by the parametrization `sll`, so that
///   ‖M‖ ≤ 1 and the constant is 1 before any weight exists.
/// - Cost: 4·h·D operations per sample, or 4·h·C·kh·kw for each pixel, beside those of the parametrization a step.
/// - Reference: Araujo, Havens, Delattre, Allauzen, Hu 2023, theorem 2.
struct SLLLayer: ConvexPotentialLayer {
  static let kind = "sll"

  let block: ConvexPotential

  init(from reader: inout ConfigReader) {
    block = ConvexPotential(from: &reader, SLLParametrization())
  }
}
