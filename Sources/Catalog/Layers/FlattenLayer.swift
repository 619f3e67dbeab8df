import ModelIR
import TensorGraph

/// All elements of a sample as one vector, in row-major order.
///
/// - Shapes: any → [D], D the number of elements.
/// - Bound: constant 1; the elements, and so the norm, stay the same.
/// - Cost: none.
/// - Reference: immediate.
struct FlattenLayer: Layer {
  static let kind = "flatten"
  static let examples = [
    LayerExample("", inputs: [[2, 3, 2]]), LayerExample("", inputs: [[4]]),
  ]

  init(from reader: inout ConfigReader) {}

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    [try inputs.only().reduce(1, *)]
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let shape = context.inputs[0]
    let map = CopyMap(shape, [.reshape([shape.reduce(1, *)])])
    return .linear(LinearOperator(name: context.name, form: .copy(map)))
  }

  func lower(_ context: LoweringContext) -> Tensor {
    let shape = context.input.shape
    return context.input.reshaped([shape[0], shape.dropFirst().reduce(1, *)])
  }
}
