import ModelIR
import TensorGraph

/// A sample minus its mean: over all elements, over the channels at each position, or over the positions
/// of each channel.
///
/// - Shapes: any, kept; channels are the first axis of a sample.
/// - Bound: constant 1, reached by samples of mean 0: an orthogonal projection. Over a single element
///   the constant is 0.
/// - Cost: two passes over the elements.
/// - Reference: immediate.
struct CenterLayer: Layer {
  private enum Extent: String, WordValue {
    case all, channels, positions
  }

  static let kind = "center"
  static let mainKey: String? = "over"
  static let examples = [
    LayerExample("", inputs: [[5]]), LayerExample("{over: all}", inputs: [[2, 2, 3]]),
    LayerExample("{over: channels}", inputs: [[3, 2, 2]]),
    LayerExample("{over: positions}", inputs: [[2, 2, 3]]),
  ]

  private let over: Extent

  init(from reader: inout ConfigReader) {
    over = reader.read("over", default: .all, "what a mean is taken over")
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.channels("takes means")
    if over == .positions, shape.count < 2 {
      throw ShapeFault("needs axes after the channels, found \(shape)")
    }
    return shape
  }

  private func axes(of shape: [Int]) -> [Int] {
    switch over {
    case .all: Array(shape.indices)
    case .channels: [0]
    case .positions: Array(shape.indices.dropFirst())
    }
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let shape = context.inputs[0]
    return .linear(
      LinearOperator(name: context.name, form: .centering(axes: axes(of: shape), shape: shape)))
  }

  func lower(_ context: LoweringContext) -> Tensor {
    let shape = Array(context.input.shape.dropFirst())
    return context.input.centered(axes: axes(of: shape).map { $0 + 1 })
  }
}
