import ModelIR
import TensorGraph

/// Multiplication by a learned factor: y = a·x.
///
/// The factors of all gates of a group are kept a convex combination, a ≥ 0 with sum 1, by projection
/// after each update.
///
/// The key `convex: learnt` of `residual` is written out as two gates of one group and an `add`.
///
/// - Shapes: any, kept; `weight` [1].
/// - Bound: |a|, exact; gates before an addition give Σ aᵢLᵢ. The bound does not use a + a′ = 1 but the
///   stored factors, which include the rounding of the projection.
/// - Cost: one pass over the elements.
/// - Reference: Cissé et al. 2017, section 4.3; Michelot 1986 for the projection.
struct GateLayer: Layer {
  static let kind = "gate"
  static let mainKey: String? = "group"
  static let examples = [
    LayerExample("{group: mix}", inputs: [[3]]),
    LayerExample("{group: mix, start: 0.25}", inputs: [[2, 2, 2]]),
  ]

  private let group: String
  private let start: Double

  init(from reader: inout ConfigReader) {
    group = reader.read("group", "the gates whose factors have the sum 1")
    start = reader.read("start", default: 0.5, "the factor's initial value", .range(0...1))
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }

  /// Weight decay would break the sum.
  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    [ParameterDeclaration("weight", [1], .bias, .constant(start), convexGroup: group)]
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(
      LinearOperator(
        name: context.name,
        form: .diagonal(.parameter(context.parameter("weight")), shape: context.inputs[0])))
  }

  func lower(_ context: LoweringContext) -> Tensor {
    context.input * context.parameter("weight").reshaped([])
  }
}
