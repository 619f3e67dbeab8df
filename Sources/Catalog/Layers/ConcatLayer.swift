import ModelIR
import TensorGraph

/// Two or more inputs side by side along one axis.
///
/// - Shapes: equal except along the axis, where the extents add up; axis 0 is the channels.
/// - Bound: the root of the sum of the squares of the inputs' bounds, since ‖(y₁, y₂)‖² = ‖y₁‖² + ‖y₂‖².
/// - Cost: a copy.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, appendix B.
struct ConcatLayer: Layer {
  static let kind = "concat"
  static let mainKey: String? = "axis"
  static let examples = [
    LayerExample("", inputs: [[3], [2]]),
    LayerExample("", inputs: [[1, 2, 3], [2, 2, 3]]),
    LayerExample("{axis: 2}", inputs: [[2, 2, 1], [2, 2, 3], [2, 2, 2]]),
  ]

  private let axis: Int

  init(from reader: inout ConfigReader) {
    axis = reader.read("axis", default: 0, "the axis of a sample, 0 for channels", .natural)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    var result = try inputs.several()[0]
    guard result.indices.contains(axis) else {
      throw ShapeFault("needs an axis \(axis), found inputs with \(result.count) axes, \(result)")
    }
    for shape in inputs.dropFirst() {
      var other = shape
      if other.count == result.count { other[axis] = inputs[0][axis] }
      guard other == inputs[0] else {
        throw ShapeFault(
          "needs inputs of one shape except for axis \(axis), found \(inputs[0]) and \(shape)")
      }
      result[axis] += shape[axis]
    }
    return result
  }

  func bound(in context: LayerBoundContext) -> LayerBound { .concatenation }

  func lower(_ context: LoweringContext) -> Tensor {
    concatenate(context.inputs, axis: axis + 1)
  }
}
