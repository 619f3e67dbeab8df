import BoundAlgebra
import ModelIR
import TensorGraph

/// Batch normalisation: y = γ·(x − μ)/√(σ² + ε) + β for every channel.
///
/// In training μ and σ² are the mean and the mean square deviation of the batch; `running_mean` and
/// `running_var` follow them as (1 − m)·old + m·new, the variance times n/(n − 1) for n values a channel.
/// In prediction μ and σ² are the running ones.
///
/// - Shapes: any with at least one axis, kept; channels are the first axis of a sample; `weight` γ, `bias`
///   β, `running_mean` and `running_var` [C].
/// - Bound: constant max |γ|/√(σ² + ε), exact for the layer: a diagonal operator, which joins the linear
///   layers before and after it. In training the batch's σ² takes the place of the running one, and the
///   bound has a derivative in it.
/// - Cost: a few passes over the elements in training, one in prediction.
/// - Reference: Ioffe, Szegedy 2015; Tsuzuku, Sato, Sugiyama 2018, section 4.
public struct BatchNormLayer: Layer {
  private enum Keys {
    static let epsilon = SpecKey<Double>(
      "epsilon", default: 1e-5, "ε, added to the variance",
      .init("a positive float32 number") { $0 > 0 && StoredConstant.fits($0) })
    static let momentum = SpecKey<Double>(
      "momentum", default: 0.1, "the share m of the batch in the running statistics",
      .init("above 0 and at most 1") { $0 > 0 && $0 <= 1 })
    static let affine = SpecKey<Bool>(
      "affine", default: true, "whether there are factors γ and offsets β")
  }

  /// The name in a spec.
  public static let kind = "batch_norm"
  /// The keys.
  public static let keys = [
    Keys.epsilon.description, Keys.momentum.description, Keys.affine.description,
  ]
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[3]]), LayerExample("", inputs: [[2, 3, 2]]),
    LayerExample("{epsilon: 0.1, momentum: 0.3, affine: false}", inputs: [[3, 2, 2]]),
  ]

  private let epsilon: StoredConstant
  private let momentum: Double
  private let isAffine: Bool

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let epsilon = reader.read(Keys.epsilon)
    let momentum = reader.read(Keys.momentum)
    let affine = reader.read(Keys.affine)
    guard let epsilon, let momentum, let affine else { return nil }
    self.epsilon = StoredConstant(epsilon)
    self.momentum = momentum
    isAffine = affine
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try inputs.channels("normalises channels")
  }

  /// γ and β without weight decay, and the running statistics.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let channels = [inputs[0][0]]
    let affine = [
      ParameterDeclaration("weight", channels, .bias, .constant(1)),
      ParameterDeclaration("bias", channels, .bias, .constant(0)),
    ]
    return (isAffine ? affine : []) + [
      ParameterDeclaration("running_mean", channels, .statistic, .constant(0)),
      ParameterDeclaration("running_var", channels, .statistic, .constant(1)),
    ]
  }

  /// γ/√(σ² + ε), the variance and γ by the names given.
  private func factors(_ name: (String) -> String) -> ChannelFactors {
    .normalization(
      scale: isAffine ? name("weight") : nil, variance: name("running_var"), epsilon: epsilon.value)
  }

  /// max |γ|/√(σ² + ε).
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(
      LinearOperator(
        name: context.name,
        form: .diagonal(factors(context.parameter), shape: context.inputs[0])))
  }

  /// The affine map of the batch's statistics in training, of the running ones else.
  public func lower(_ context: inout LoweringContext) -> Value {
    let statistics =
      switch context.mode {
      case .training: batchStatistics(&context)
      case .inference: (context.parameter("running_mean"), context.parameter("running_var"))
      }
    let x = context.inputs[0]
    let shape = context.builder.shape(x)
    let means = context.builder.broadcast(statistics.0, to: shape, axes: [1])
    let centred = context.builder.subtract(x, means)
    let scale = isAffine ? context.parameter("weight") : nil
    let scaled = context.builder.multiply(
      centred,
      factors { $0 }.lower(like: x, into: &context.builder) { name in
        name == "running_var" ? statistics.1 : scale ?? statistics.1
      })
    guard isAffine else { return scaled }
    let offsets = context.builder.broadcast(context.parameter("bias"), to: shape, axes: [1])
    return context.builder.add(scaled, offsets)
  }

  /// The batch's mean and variance by channel; moves the running ones towards them.
  private func batchStatistics(_ context: inout LoweringContext) -> (Value, Value) {
    let x = context.inputs[0]
    let shape = context.builder.shape(x)
    let axes = shape.indices.filter { $0 != 1 }
    let count = Double(axes.reduce(1) { $0 * shape[$1] })
    let mean = context.builder.scale(context.builder.sum(x, axes: axes), by: 1 / count)
    let centred = context.builder.subtract(
      x, context.builder.broadcast(mean, to: shape, axes: [1]))
    let squares = context.builder.sum(context.builder.multiply(centred, centred), axes: axes)
    let variance = context.builder.scale(squares, by: 1 / count)
    // A single value has no spread; its variance is 0 either way.
    let unbiased = context.builder.scale(squares, by: 1 / max(count - 1, 1))
    update("running_mean", towards: mean, &context)
    update("running_var", towards: unbiased, &context)
    context.provide("running_var", variance)
    return (mean, variance)
  }

  private func update(_ name: String, towards new: Value, _ context: inout LoweringContext) {
    let kept = context.builder.scale(context.parameter(name), by: 1 - momentum)
    context.update(name, to: context.builder.add(kept, context.builder.scale(new, by: momentum)))
  }
}
