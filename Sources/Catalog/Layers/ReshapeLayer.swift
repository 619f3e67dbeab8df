import ModelIR
import TensorGraph

/// The same elements of a sample, in row-major order, in another shape.
///
/// - Shapes: any → `shape`, with as many elements.
/// - Bound: constant 1: the elements and so the norm do not change.
/// - Cost: none.
/// - Reference: immediate.
struct ReshapeLayer: Layer {
  static let kind = "reshape"
  static let mainKey: String? = "shape"
  static let examples = [
    LayerExample("{shape: [1, 2, 3]}", inputs: [[6]]),
    LayerExample("{shape: [4]}", inputs: [[2, 2]]),
  ]

  private let shape: [Int]

  init(from reader: inout ConfigReader) {
    shape = reader.read(
      "shape", "the extents of the result, without the batch",
      .init("a list of positive extents with at most 2^31 elements") {
        !$0.isEmpty && ElementCount.of($0) != nil
      })
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let input = try inputs.only()
    let (required, found) = (shape.reduce(1, *), input.reduce(1, *))
    guard required == found else {
      throw ShapeFault(
        "needs an input of \(required) elements for \(shape), found \(found) in \(input)")
    }
    return shape
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let map = CopyMap(context.inputs[0], [.reshape(shape)])
    return .linear(LinearOperator(name: context.name, form: .copy(map)))
  }

  func lower(_ context: LoweringContext) -> Tensor {
    context.input.reshaped([context.input.shape[0]] + shape)
  }
}
