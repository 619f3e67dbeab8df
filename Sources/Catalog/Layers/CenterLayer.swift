import BoundAlgebra
import ModelIR
import TensorGraph

/// A sample minus its mean: over all elements, over the channels at each position, or over the positions
/// of each channel.
///
/// - Shapes: any, kept; channels are the first axis of a sample.
/// - Bound: constant 1, reached by what has mean 0: an orthogonal projection. Over a single element it
///   gives 0.
/// - Cost: two passes over the elements.
/// - Reference: immediate.
public struct CenterLayer: Layer {
  /// What the mean is taken over.
  private enum Extent: String, WordValue {
    case all, channels, positions
  }

  private static let over = SpecKey<Extent>(
    "over", default: .all, "what a mean is taken over")

  /// The name in a spec.
  public static let kind = "center"
  /// The keys.
  public static let keys = [over.description]
  /// `center: channels`.
  public static let mainKey: String? = "over"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[5]]), LayerExample("{over: all}", inputs: [[2, 2, 3]]),
    LayerExample("{over: channels}", inputs: [[3, 2, 2]]),
    LayerExample("{over: positions}", inputs: [[2, 2, 3]]),
  ]

  private let over: Extent

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let over = reader.read(Self.over) else { return nil }
    self.over = over
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.channels("takes means")
    if over == .positions, shape.count < 2 {
      throw ShapeFault("needs positions beside the channels, found \(shape)")
    }
    return shape
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  private func axes(of shape: [Int]) -> [Int] {
    switch over {
    case .all: Array(shape.indices)
    case .channels: [0]
    case .positions: Array(shape.indices.dropFirst())
    }
  }

  /// 1.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    let shape = context.inputs[0]
    return .linear(
      LinearOperator(name: context.name, form: .centering(axes: axes(of: shape), shape: shape)))
  }

  /// The difference.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let shape = Array(context.builder.shape(x).dropFirst())
    return context.builder.centered(x, axes: axes(of: shape).map { $0 + 1 })
  }
}
