import ModelIR
import TensorGraph

/// The identity: f(x) = x.
///
/// - Shapes: any, kept.
/// - Bound: constant 1.
/// - Cost: none.
/// - Reference: immediate.
struct IdentityLayer: Layer {
  static let kind = "identity"
  static let examples = [LayerExample("", inputs: [[3]])]

  init(from reader: inout ConfigReader) {}

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }

  func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(LinearOperator(name: context.name, form: .copy(CopyMap(context.inputs[0]))))
  }

  func lower(_ context: LoweringContext) -> Tensor { context.input }
}
