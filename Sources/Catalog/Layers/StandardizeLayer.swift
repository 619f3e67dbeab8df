import ModelIR
import TensorGraph

/// The input with mean 0 and variance 1 in each channel of the training data: y = (x − μ)/σ.
///
/// μ and σ are those of the training samples in input units, without augmentation, taken once before
/// training and stored with the weights. A channel that is constant in the training data only has its
/// mean subtracted. As a layer it is part of the bound, so that radii stay in the units of the data.
///
/// - Shapes: any with at least one axis, kept; channels are the first axis of a sample, so each feature
///   of a vector is one; `mean` μ and `factor` 1/σ, rounded to float32, [C]. The layer reads the
///   network's input.
/// - Bound: constant max 1/σ, exact: the norm of a diagonal matrix; the mean has no effect.
/// - Cost: one pass over the elements, and two over the training data before training.
/// - Reference: immediate.
struct StandardizeLayer: Layer {
  static let kind = "standardize"
  static let examples = [LayerExample("", inputs: [[3]]), LayerExample("", inputs: [[2, 3, 2]])]

  init(from reader: inout ConfigReader) {}

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try inputs.channels("standardizes channels")
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let channels = [inputs[0][0]]
    return [
      ParameterDeclaration("mean", channels, .statistic, .ofData(.mean)),
      ParameterDeclaration("factor", channels, .statistic, .ofData(.reciprocalDeviation)),
    ]
  }

  /// max 1/σ.
  func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(
      LinearOperator(
        name: context.name,
        form: .diagonal(.parameter(context.parameter("factor")), shape: context.inputs[0])))
  }

  /// (x − μ) ⊙ 1/σ.
  func lower(_ context: LoweringContext) -> Tensor {
    let x = context.input
    let centered = x - context.parameter("mean").broadcast(like: x, axes: [1])
    return centered * context.parameter("factor").broadcast(like: x, axes: [1])
  }
}
