import ModelIR
import TensorGraph

/// Layer normalisation: the sample minus its mean, divided by √(σ² + ε), with a factor γ and an offset β
/// for every element.
///
/// - Shapes: any of at least 2 elements, kept; `weight` γ and `bias` β of the sample's shape.
/// - Bound: constant max |γ|/√ε, and none below 1/√ε without γ: it is finite only through ε, since
///   nearly constant samples are stretched by 1/√ε. With the customary 1e-5 this is 316, and certificates
///   are divided by it. Proof: with s = √(‖Px‖²/M + ε), P the subtraction of the mean, the derivative of
///   Px/s has the norm 1/s or ε/s³.
/// - Cost: a few passes over the elements.
/// - Reference: Ba, Kiros, Hinton 2016.
public struct LayerNormLayer: Layer {
  /// The name in a spec.
  public static let kind = "layer_norm"
  /// The keys.
  public static let keys = Normalization.keys(isAffine: true)
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{epsilon: 0.1, affine: false}", inputs: [[5]]),
    LayerExample("{epsilon: 1e-4}", inputs: [[3, 6, 4]]),
  ]

  private let normalization: Normalization

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let normalization = Normalization(from: &reader, isAffine: true) else { return nil }
    self.normalization = normalization
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    try normalization.check(shape, groups: 1)
    return shape
  }

  /// γ and β.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    normalization.parameters(inputs[0])
  }

  /// max |γ|/√ε.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    normalization.bound(context.inputs[0].reduce(1, *), in: context)
  }

  /// One group.
  public func lower(_ context: inout LoweringContext) -> Value {
    let rank = context.builder.shape(context.inputs[0]).count
    return normalization.lower(&context, groups: 1, axes: Array(1..<rank))
  }
}
