import BoundAlgebra
import ModelIR
import TensorGraph

/// Channels sorted in pairs: of channels i and i + C/2 the larger goes to i, the smaller to i + C/2.
///
/// - Shapes: any with an even first extent C, kept.
/// - Bound: constant 1, reached by every input: almost everywhere the layer is a permutation, so
///   gradients keep their norm, unlike ReLU's.
/// - Cost: one pass over the elements.
/// - Reference: Anil, Lucas, Grosse 2019 (GroupSort with groups of 2).
public struct MaxMinLayer: Layer {
  /// The name in a spec.
  public static let kind = "max_min"
  /// None.
  public static let keys: [SpecKeyDescription] = []
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[6]]), LayerExample("", inputs: [[4, 2, 3]]),
  ]

  /// Reads no keys.
  public init?(from reader: inout ConfigReader) {}

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    guard let channels = shape.first, channels % 2 == 0 else {
      throw ShapeFault("pairs channels and needs an even number of them, found \(shape)")
    }
    return shape
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// 1.
  public func bound(in context: LayerBoundContext) -> LayerBound { .constant(.constant(.one)) }

  /// Maximum and minimum of the halves, the operands swapped so that a tie stays a permutation.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let shape = context.builder.shape(x)
    let halves = (0..<2).map { half in
      var starts = shape.map { _ in 0 }
      var limits = shape
      starts[1] = half * shape[1] / 2
      limits[1] = (half + 1) * shape[1] / 2
      return context.builder.apply(
        .slice(starts: starts, limits: limits, strides: shape.map { _ in 1 }), [x])
    }
    let larger = context.builder.maximum(halves[0], halves[1])
    let smaller = context.builder.minimum(halves[1], halves[0])
    return context.builder.apply(.concatenate(axis: 1), [larger, smaller])
  }
}
