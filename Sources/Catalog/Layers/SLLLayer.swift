import ModelIR

/// An SDP-based Lipschitz layer: y = x − 2·V·T⁻¹σ(Vᵀx + b), σ the rectifier, T a diagonal matrix with VᵀV ≼ T.
///
/// With M = T^−½Vᵀ this is the function of `cpl` for another matrix M, and so what is stored. T bounds each unit by
/// what it overlaps with the others instead of all by one norm.
///
/// - Shapes: [D], kept; `weight` [h, D] is M, `bias` [h].
/// - Bound: max(1, 2‖M‖² − 1), as for `cpl`. In training M is formed as by the parametrization `sll`, so that
///   ‖M‖ ≤ 1 and the constant is 1 before any weight exists.
/// - Cost: 4·h·D operations per sample, beside 2·h²·D a step, three times that with derivatives.
/// - Reference: Araujo, Havens, Delattre, Allauzen, Hu 2023, theorem 2.
struct SLLLayer: ConvexPotentialLayer {
  static let kind = "sll"

  let block: ConvexPotential

  init(from reader: inout ConfigReader) {
    block = ConvexPotential(from: &reader, SLLParametrization())
  }
}
