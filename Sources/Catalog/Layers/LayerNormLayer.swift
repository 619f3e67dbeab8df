import ModelIR
import TensorGraph

/// Layer normalization: subtracts the mean of the sample and divides by √(σ² + ε), with a factor γ and an
/// offset β for every element.
///
/// - Shapes: any with at least 2 elements, kept; `weight` γ and `bias` β have the shape of the sample.
/// - Bound: constant max |γ|/√ε; without γ it is 1/√ε, the smallest possible. It is finite only because of
///   ε: nearly constant samples are stretched by 1/√ε. With the usual 1e-5 this is 316, and certified radii
///   are divided by it. Proof: with s = √(‖Px‖²/M + ε), where P subtracts the mean, the derivative of Px/s
///   has the norm 1/s or ε/s³.
/// - Cost: a few passes over the elements.
/// - Reference: Ba, Kiros, Hinton 2016.
struct LayerNormLayer: Layer {
  static let kind = "layer_norm"
  static let examples = [
    LayerExample("{epsilon: 0.1, affine: false}", inputs: [[5]]),
    LayerExample("{epsilon: 1e-4}", inputs: [[3, 6, 4]]),
  ]

  private let normalization: Normalization

  init(from reader: inout ConfigReader) {
    normalization = Normalization(from: &reader, isAffine: true)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    try normalization.check(shape, groups: 1)
    return shape
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    normalization.parameters(inputs[0])
  }

  /// 1/√ε or max |γ|/√ε.
  func bound(in context: LayerBoundContext) -> LayerBound {
    normalization.bound(context.inputs[0].reduce(1, *), in: context)
  }

  func lower(_ context: LoweringContext) -> Tensor {
    normalization.lower(context, groups: 1, axes: Array(1..<context.input.rank))
  }
}
