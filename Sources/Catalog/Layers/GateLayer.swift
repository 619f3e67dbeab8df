import ModelIR
import TensorGraph

/// Multiplication by a learnt factor: y = a·x.
///
/// The factors of all gates of a group are kept a convex combination, a ≥ 0 with sum 1, by projection
/// after each update.
///
/// The key `convex: learnt` of `residual` is written out as two gates of one group and an `add`.
///
/// - Shapes: any, kept; `weight` [1].
/// - Bound: |a|, exact; gates before an addition give Σ aᵢLᵢ. Nothing is taken from a + a′ = 1: the
///   stored factors count, rounding of the projection included.
/// - Cost: one pass over the elements.
/// - Reference: Cissé et al. 2017, section 4.3; Michelot 1986 for the projection.
public struct GateLayer: Layer {
  private enum Keys {
    static let group = SpecKey<String>("group", "the gates whose factors have the sum 1")
    static let start = SpecKey<Double>(
      "start", default: 0.5, "where the factor starts",
      .init("at least 0 and at most 1") { (0...1).contains($0) })
  }

  /// The name in a spec.
  public static let kind = "gate"
  /// The keys.
  public static let keys = [Keys.group.description, Keys.start.description]
  /// `gate: mix`.
  public static let mainKey: String? = "group"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{group: mix}", inputs: [[3]]),
    LayerExample("{group: mix, start: 0.25}", inputs: [[2, 2, 2]]),
  ]

  private let group: String
  private let start: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let group = reader.read(Keys.group)
    let start = reader.read(Keys.start)
    guard let group, let start else { return nil }
    self.group = group
    self.start = start
  }

  /// The input's shape.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }

  /// a; weight decay would break the sum, and it has none.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    [ParameterDeclaration("weight", [1], .bias, .constant(start), convexGroup: group)]
  }

  /// |a|.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(
      LinearOperator(
        name: context.name,
        form: .diagonal(.parameter(context.parameter("weight")), shape: context.inputs[0])))
  }

  /// a·x.
  public func lower(_ context: inout LoweringContext) -> Value {
    let factor = context.builder.reshape(context.parameter("weight"), [])
    return context.builder.multiply(context.inputs[0], factor)
  }
}
