import ModelIR
import TensorGraph

/// Cross-correlation of a signal with M filters, zeros outside the signal.
///
/// y[m, i] = b[m] + Σ w[m, c, p] · x[c′, i·s + p·d − padding], the sum over the channels c of m's group
/// and the taps p.
///
/// - Shapes: [C, T] → [M, T′] with T′ = ⌊(T + 2·padding − d·(k − 1) − 1)/s⌋ + 1, or ⌈T/s⌉ for
///   `padding: same`; `weight` [M, C/groups, k], `bias` [M].
/// - Bound: ‖y − y′‖₂ ≤ σ₁(A) ‖x − x′‖₂, A the zero-padded, strided operator: that of a
///   two-dimensional convolution of height 1.
/// - Cost: 2·M·T′·C/groups·k operations per sample.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 1.
struct Conv1DLayer: Layer {
  static let kind = "conv1d"
  static let examples = [
    LayerExample("{filters: 3, kernel: 3, padding: 1}", inputs: [[2, 6]]),
    LayerExample("{filters: 2, kernel: 4, stride: 3, padding: same}", inputs: [[1, 7]]),
    LayerExample("{filters: 2, kernel: 2, dilation: 2, groups: 2, bias: false}", inputs: [[4, 5]]),
  ]

  private let convolution: Convolution

  init(from reader: inout ConfigReader) { convolution = Convolution(of: Int.self, from: &reader) }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    guard shape.count == 2 else {
      throw ShapeFault(
        "needs an input [channels, length], found \(shape)",
        help: "put 'reshape: [channels, length]' before it")
    }
    let output = try convolution.outputShape(of: [shape[0], 1, shape[1]])
    return [output[0], output[2]]
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    convolution.parameters(channels: inputs[0][0], kernel: [convolution.kernel.width])
  }

  func formedWeight(for inputs: [[Int]]) -> FormedWeight? {
    convolution.formedWeight(for: [inputs[0][0], 1, inputs[0][1]])
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let shape = context.inputs[0]
    return convolution.bound(in: context, input: [shape[0], 1, shape[1]])
  }

  /// The correlation of images of height 1.
  func lower(_ context: LoweringContext) -> Tensor {
    let (x, filter) = (context.input, context.parameter("weight"))
    let y = convolution.lower(
      x.reshaped([x.shape[0], x.shape[1], 1, x.shape[2]]),
      filter: filter.reshaped([filter.shape[0], filter.shape[1], 1, filter.shape[2]]), context)
    return y.reshaped([y.shape[0], y.shape[1], y.shape[3]])
  }
}
