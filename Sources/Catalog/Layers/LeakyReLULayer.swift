import BoundAlgebra
import ModelIR
import TensorGraph

/// The identity above 0, a line of another slope a below: f(x) = x for x > 0, a·x otherwise.
///
/// - Shapes: any, kept.
/// - Bound: slopes between a and 1, both reached; constant max(1, |a|).
/// - Cost: one pass over the elements.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, table 2.
public struct LeakyReLULayer: ElementwiseLayer {
  private enum Keys {
    static let slope = SpecKey<Double>(
      "slope", default: 0.01, "the slope a below 0",
      .init("a float32 number") {
        StoredConstant.fits($0)
      })
  }

  /// The name in a spec.
  public static let kind = "leaky_relu"
  /// The keys.
  public static let keys = [Keys.slope.description]
  /// `leaky_relu: 0.1`.
  public static let mainKey: String? = "slope"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[5]]),
    LayerExample("{slope: 0.25}", inputs: [[2, 3, 3]]),
    LayerExample("{slope: -1.5}", inputs: [[4]]),
    LayerExample("{slope: 2.7}", inputs: [[4]]),
  ]

  private let slope: StoredConstant

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let slope = reader.read(Keys.slope)
    guard let slope else { return nil }
    self.slope = StoredConstant(slope)
  }

  /// The range of f′.
  public var slopes: Slopes {
    if slope.value < 0 { return Slopes(negative: slope.magnitude, positive: .one) }
    if slope.value <= 1 { return Slopes(positive: .one, leastPositive: slope.magnitude) }
    return Slopes(positive: slope.magnitude, leastPositive: .one)
  }

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    let zero = builder.splat(0, like: x)
    let below = builder.scale(x, by: slope.value)
    return builder.select(builder.compare(.greater, x, zero), x, below)
  }
}
