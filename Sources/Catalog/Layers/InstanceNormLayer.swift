import ModelIR
import TensorGraph

/// Instance normalisation: each channel of a sample minus its mean, divided by √(σ² + ε); with `affine` a
/// factor γ and an offset β a channel.
///
/// - Shapes: [C, …] of at least 2 elements a channel, kept; `weight` γ and `bias` β [C].
/// - Bound: constant 1/√ε or max |γ|/√ε, finite only through ε, as for `layer_norm`; reached by a constant
///   channel.
/// - Cost: a few passes over the elements.
/// - Reference: Ulyanov, Vedaldi, Lempitsky 2016.
public struct InstanceNormLayer: Layer {
  /// The name in a spec.
  public static let kind = "instance_norm"
  /// The keys.
  public static let keys = Normalization.keys(isAffine: false)
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{epsilon: 0.1}", inputs: [[2, 3, 2]]),
    LayerExample("{epsilon: 1e-4, affine: true}", inputs: [[3, 2, 2]]),
  ]

  private let normalization: Normalization

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let normalization = Normalization(from: &reader, isAffine: false) else { return nil }
    self.normalization = normalization
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.channels("normalises channels")
    try normalization.check(shape, groups: max(shape[0], 1))
    return shape
  }

  /// γ and β.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    normalization.parameters([inputs[0][0]])
  }

  /// 1/√ε or max |γ|/√ε.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    normalization.bound(context.inputs[0][0], in: context)
  }

  /// A group a channel.
  public func lower(_ context: inout LoweringContext) -> Value {
    let channels = context.builder.shape(context.inputs[0])[1]
    return normalization.lower(&context, groups: channels, axes: [1])
  }
}
