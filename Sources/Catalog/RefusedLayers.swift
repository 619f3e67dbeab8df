extension Catalog {
  /// Layers of other tools that can have no finite ℓ2 Lipschitz constant on all of ℝⁿ, and why.
  ///
  /// A kind belongs here only if no keys could make it Lipschitz; what is merely not built yet does not.
  public static let refusedLayers: [String: String] = [
    "attention": dotProduct,
    "dot_product_attention": dotProduct,
    "multi_head_attention": dotProduct,
    "scaled_dot_product_attention": dotProduct,
    "self_attention": dotProduct,
    "transformer": dotProduct,
    "bilinear": product,
    "multiply": product,
    "glu": product,
    "swiglu": product,
    "geglu": product,
    "squeeze_excitation": product,
    "square": "x² has the slope 2x, which grows without limit",
    "polynomial": "a polynomial of degree 2 or more has slopes that grow without limit",
    "power": "a power other than 1 has slopes that grow without limit, at infinity or at 0",
    "exp": "eˣ is its own slope, which grows without limit",
    "log": "log x has the slope 1/x, which grows without limit near 0",
    "sqrt": "√x has the slope 1/(2√x), which grows without limit near 0",
    "reciprocal": "1/x has a pole at 0",
    "divide": "a quotient has a pole where its divisor is 0",
    "step": discontinuous,
    "sign": discontinuous,
    "heaviside": discontinuous,
    "round": discontinuous,
    "quantize": discontinuous,
    "l2_normalize": "x/‖x‖ turns arbitrarily fast near 0",
    "unit_norm": "x/‖x‖ turns arbitrarily fast near 0",
  ]

  private static let dotProduct =
    "dot-product attention multiplies its input with itself, so its slope grows with the input "
    + "(Kim, Papamakarios, Mnih 2021, theorem 3.1)"
  private static let product =
    "a product of two functions of the input has a slope that grows with the input"
  private static let discontinuous = "it jumps, and no finite constant spans a jump"
}
