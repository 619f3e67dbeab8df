import ModelIR
import TensorGraph

/// Cross-correlation of an image with M filters, zeros outside the image.
///
/// y[m, i, j] = b[m] + Σ w[m, c, p, q] · x[c′, i·s + p·d − padding, j·s + q·d − padding], the sum over
/// the channels c of m's group and the taps p, q.
///
/// - Shapes: [C, H, W] → [M, H′, W′] with H′ = ⌊(H + 2·padding − d·(k − 1) − 1)/s⌋ + 1, or ⌈H/s⌉ for
///   `padding: same`; `weight` [M, C/groups, kh, kw], `bias` [M].
/// - Bound: ‖y − y′‖₂ ≤ σ₁(A) ‖x − x′‖₂, A the zero-padded, strided operator itself, not the reshaped
///   kernel, whose norm may be smaller.
/// - Cost: 2·M·H′·W′·C/groups·kh·kw operations per sample.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 1; Delattre et al. 2023.
struct Conv2DLayer: Layer {
  static let kind = "conv2d"
  static let examples = [
    LayerExample("{filters: 3, kernel: 2}", inputs: [[2, 4, 4]]),
    LayerExample("{filters: 2, kernel: [3, 2], stride: 2, padding: [1, 0]}", inputs: [[1, 5, 4]]),
    LayerExample("{filters: 4, kernel: 3, padding: same, groups: 2}", inputs: [[2, 4, 3]]),
    LayerExample("{filters: 1, kernel: 2, dilation: 2, bias: false}", inputs: [[2, 4, 5]]),
    LayerExample("{filters: 2, kernel: 3, stride: 2, padding: same}", inputs: [[1, 4, 5]]),
    LayerExample("{filters: 2, kernel: 1, stride: 3, init: orthogonal}", inputs: [[3, 4, 4]]),
    LayerExample(
      "{filters: 3, kernel: 3, stride: 2, padding: 1, parametrization: aol}", inputs: [[2, 5, 4]]),
  ]

  private let convolution: Convolution

  init(from reader: inout ConfigReader) {
    convolution = Convolution(of: PairValue.self, from: &reader)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try convolution.outputShape(of: inputs.image())
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    convolution.parameters(channels: inputs[0][0], kernel: convolution.kernel.array)
  }

  func formedWeight(for inputs: [[Int]]) -> FormedWeight? {
    convolution.formedWeight(for: inputs[0])
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    convolution.bound(in: context, input: context.inputs[0])
  }

  func lower(_ context: LoweringContext) -> Tensor {
    convolution.lower(context.input, filter: context.parameter("weight"), context)
  }
}
