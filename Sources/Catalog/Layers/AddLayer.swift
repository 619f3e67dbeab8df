import ModelIR
import TensorGraph

/// The sum of two or more inputs of one shape.
///
/// - Shapes: S, …, S → S.
/// - Bound: the sum of the inputs' bounds, by the triangle inequality; compositions may find
///   a smaller bound of linear branches together.
/// - Cost: one pass over the inputs.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, appendix B.
struct AddLayer: Layer {
  static let kind = "add"
  static let examples = [
    LayerExample("", inputs: [[3], [3]]),
    LayerExample("", inputs: [[2, 2, 2], [2, 2, 2], [2, 2, 2]]),
  ]

  init(from reader: inout ConfigReader) {}

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shapes = try inputs.several()
    for shape in shapes where shape != shapes[0] {
      throw ShapeFault("needs inputs of one shape, found \(shapes[0]) and \(shape)")
    }
    return shapes[0]
  }

  func bound(in context: LayerBoundContext) -> LayerBound { .addition }

  func lower(_ context: LoweringContext) -> Tensor {
    context.inputs.dropFirst().reduce(context.inputs[0], +)
  }
}
