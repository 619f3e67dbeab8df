import ModelIR
import TensorGraph

/// Instance normalization: subtracts the mean of each channel of a sample and divides by √(σ² + ε); with
/// `affine`, multiplies by a factor γ and adds an offset β per channel.
///
/// - Shapes: [C, …] with at least 2 elements per channel, kept; `weight` γ and `bias` β [C].
/// - Bound: constant 1/√ε or max |γ|/√ε, finite only because of ε, as for `layer_norm`; reached at a
///   constant channel.
/// - Cost: a few passes over the elements.
/// - Reference: Ulyanov, Vedaldi, Lempitsky 2016.
struct InstanceNormLayer: Layer {
  static let kind = "instance_norm"
  static let examples = [
    LayerExample("{epsilon: 0.1}", inputs: [[2, 3, 2]]),
    LayerExample("{epsilon: 1e-4, affine: true}", inputs: [[3, 2, 2]]),
  ]

  private let normalization: Normalization

  init(from reader: inout ConfigReader) {
    normalization = Normalization(from: &reader, isAffine: false)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.channels("normalizes channels")
    try normalization.check(shape, groups: max(shape[0], 1))
    return shape
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    normalization.parameters([inputs[0][0]])
  }

  /// 1/√ε or max |γ|/√ε.
  func bound(in context: LayerBoundContext) -> LayerBound {
    normalization.bound(context.inputs[0][0], in: context)
  }

  func lower(_ context: LoweringContext) -> Tensor {
    normalization.lower(context, groups: context.input.shape[1], axes: [1])
  }
}
