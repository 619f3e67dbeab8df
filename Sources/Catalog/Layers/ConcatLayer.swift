import ModelIR
import TensorGraph

/// Two or more inputs side by side along one axis.
///
/// - Shapes: equal but for the axis, whose extents add up; axis 0 is the channels.
/// - Bound: the root of the sum of the squares of the inputs' bounds, for ‖(y₁, y₂)‖² = ‖y₁‖² + ‖y₂‖².
/// - Cost: a copy.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, appendix B.
public struct ConcatLayer: Layer {
  private enum Keys {
    static let axis = SpecKey<Int>(
      "axis", default: 0, "the axis of a sample, 0 for channels", .init("at least 0") { $0 >= 0 })
  }

  /// The name in a spec.
  public static let kind = "concat"
  /// The keys.
  public static let keys = [Keys.axis.description]
  /// `concat: 0`.
  public static let mainKey: String? = "axis"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[3], [2]]),
    LayerExample("", inputs: [[1, 2, 3], [2, 2, 3]]),
    LayerExample("{axis: 2}", inputs: [[2, 2, 1], [2, 2, 3], [2, 2, 2]]),
  ]

  private let axis: Int

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let axis = reader.read(Keys.axis) else { return nil }
    self.axis = axis
  }

  /// The shape with the extents along the axis added up.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    var result = try inputs.several()[0]
    guard result.indices.contains(axis) else {
      throw ShapeFault("needs an axis \(axis), found inputs with \(result.count) axes, \(result)")
    }
    for shape in inputs.dropFirst() {
      var other = shape
      if other.count == result.count { other[axis] = inputs[0][axis] }
      guard other == inputs[0] else {
        throw ShapeFault(
          "needs inputs of one shape but for axis \(axis), found \(inputs[0]) and \(shape)")
      }
      result[axis] += shape[axis]
    }
    return result
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// The root of the sum of squares.
  public func bound(in context: LayerBoundContext) -> LayerBound { .concatenation }

  /// The inputs along the axis after the batch.
  public func lower(_ context: inout LoweringContext) -> Value {
    context.builder.apply(.concatenate(axis: axis + 1), context.inputs)
  }
}
