extension Catalog {
  /// Layers of other tools that cannot have a finite ℓ2 Lipschitz constant on all of ℝⁿ, and why.
  ///
  /// A kind belongs here only if no keys could make it Lipschitz, not if it is merely unsupported.
  public static let refusedLayers: [String: String] = [
    "attention": dotProduct,
    "cross_attention": dotProduct,
    "dot_product_attention": dotProduct,
    "linear_attention": weightedValues,
    "multi_head_attention": dotProduct,
    "scaled_dot_product_attention": dotProduct,
    "self_attention": dotProduct,
    "transformer": dotProduct,
    "softmax_attention": dotProduct,
    "bilinear": product,
    "dynamic_conv": product,
    "matmul": product,
    "prod": product,
    "multiply": product,
    "glu": product,
    "swiglu": product,
    "geglu": product,
    "squeeze_excitation": product,
    "factorization_machine": product,
    "highway": product,
    "reglu": product,
    "hypernetwork": product,
    "square": "x² has the slope 2x, which grows without limit",
    "polynomial": "a polynomial of degree 2 or more has slopes that grow without limit",
    "power": "a power other than 1 has slopes that grow without limit, at infinity or at 0",
    "exp": "eˣ is its own slope, which grows without limit",
    "log": "log x has the slope 1/x, which grows without limit near 0",
    "sqrt": "√x has the slope 1/(2√x), which grows without limit near 0",
    "reciprocal": "1/x has a pole at 0",
    "divide": "a quotient has a pole where its divisor is 0",
    "squared_relu": "max(x, 0)² has the slope 2x, which grows without limit",
    "sinh": "sinh x has the slope cosh x, which grows without limit",
    "tan": "tan x has poles",
    "argmax": discontinuous,
    "embedding": "the lookup of an index in a table is discontinuous",
    "hard_attention": discontinuous,
    "one_hot": discontinuous,
    "spike": discontinuous,
    "vector_quantize": discontinuous,
    "step": discontinuous,
    "sign": discontinuous,
    "heaviside": discontinuous,
    "round": discontinuous,
    "quantize": discontinuous,
    "cosine": direction,
    "cosine_similarity": direction,
    "l2_normalize": direction,
    "unit_norm": direction,
  ]

  private static let dotProduct =
    "dot-product attention multiplies its input with itself, so its slope grows with the input "
    + "(Kim, Papamakarios, Mnih 2021, theorem 3.1)"
  private static let weightedValues =
    "it weighs values of the input by other values of the input, so its slope grows with the input"
  private static let direction = "x/‖x‖ has unbounded slope near 0"
  private static let product =
    "a product of two functions of the input has a slope that grows with the input"
  private static let discontinuous = "it is discontinuous, so it has no Lipschitz constant"
}
