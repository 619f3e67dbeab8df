import ModelIR
import TensorGraph

/// Batch normalization: y = γ·(x − μ)/√(σ² + ε) + β for every channel.
///
/// In training μ and σ² are the mean and the mean square deviation of the batch; `running_mean` and
/// `running_var` follow them as (1 − m)·old + m·new, the variance times n/(n − 1) for n values per channel.
/// In prediction μ and σ² are the running ones.
///
/// - Shapes: any with at least one axis, kept; channels are the first axis of a sample; `weight` γ, `bias`
///   β, `running_mean` and `running_var` [C].
/// - Bound: constant max |γ|/√(σ² + ε), exact for the layer: a diagonal operator, which joins the linear
///   layers before and after it. In training the batch's σ² replaces the running one, and the bound is
///   differentiated with respect to it.
/// - Cost: a few passes over the elements in training, one in prediction.
/// - Reference: Ioffe, Szegedy 2015; Tsuzuku, Sato, Sugiyama 2018, section 4.
struct BatchNormLayer: Layer {
  static let kind = "batch_norm"
  static let examples = [
    LayerExample("", inputs: [[3]]), LayerExample("", inputs: [[2, 3, 2]]),
    LayerExample("{epsilon: 0.1, momentum: 0.3, affine: false}", inputs: [[3, 2, 2]]),
  ]

  private let epsilon: StoredConstant
  private let momentum: Double
  private let isAffine: Bool

  init(from reader: inout ConfigReader) {
    epsilon = StoredConstant(
      reader.read("epsilon", default: 1e-5, "ε, added to the variance", .positiveFloat32))
    momentum = reader.read(
      "momentum", default: 0.1, "the share m of the batch in the running statistics",
      .above(0, atMost: 1))
    isAffine = reader.read(.affine(true))
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try inputs.channels("normalizes channels")
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let channels = [inputs[0][0]]
    return (isAffine ? .affine(channels) : []) + [
      ParameterDeclaration("running_mean", channels, .statistic, .constant(0)),
      ParameterDeclaration("running_var", channels, .statistic, .constant(1)),
    ]
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let factors = ChannelFactors.normalization(
      scale: isAffine ? context.parameter("weight") : nil,
      variance: context.parameter("running_var"), epsilon: epsilon.value)
    return .linear(
      LinearOperator(name: context.name, form: .diagonal(factors, shape: context.inputs[0])))
  }

  /// (x − μ) · γ/√(σ² + ε) + β.
  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    let (mean, variance) =
      switch context.mode {
      case .training: batchStatistics(context)
      case .inference: (context.parameter("running_mean"), context.parameter("running_var"))
      }
    let centered = x - mean.broadcast(like: x, axes: [1])
    let deviation = sqrt(variance + epsilon.value)
    let factors = isAffine ? context.parameter("weight") / deviation : 1 / deviation
    let y = centered * factors.broadcast(like: x, axes: [1])
    return isAffine ? y + context.parameter("bias").broadcast(like: y, axes: [1]) : y
  }

  /// The batch's mean and variance by channel; moves the running ones toward them.
  private func batchStatistics(_ context: LoweringContext) -> (mean: Tensor, variance: Tensor) {
    let x = context.input
    let axes = x.shape.indices.filter { $0 != 1 }
    let count = Double(axes.reduce(1) { $0 * x.shape[$1] })
    let mean = x.sum(axes: axes) * (1 / count)
    let centered = x - mean.broadcast(like: x, axes: [1])
    let squares = (centered * centered).sum(axes: axes)
    let variance = squares * (1 / count)
    // A single value has no spread; its variance is 0 either way.
    let unbiased = squares * (1 / max(count - 1, 1))
    for (name, new) in [("running_mean", mean), ("running_var", unbiased)] {
      context.update(name, to: context.parameter(name) * (1 - momentum) + new * momentum)
    }
    context.provide("running_var", variance)
    return (mean, variance)
  }
}
