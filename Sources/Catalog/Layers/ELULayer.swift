import BoundAlgebra
import ModelIR
import TensorGraph

/// The exponential linear unit: f(x) = x for x > 0, α(eˣ − 1) otherwise, α ≥ 0.
///
/// - Shapes: any, kept.
/// - Bound: f′ is 1 above 0 and in (0, α] below; constant max(1, α).
/// - Cost: one pass over the elements.
/// - Reference: Clevert, Unterthiner, Hochreiter 2016; Tsuzuku, Sato, Sugiyama 2018, table 2.
public struct ELULayer: ElementwiseLayer {
  private enum Keys {
    static let alpha = SpecKey<Double>(
      "alpha", default: 1, "the magnitude α of the limit at −∞",
      .init("a float32 number at least 0") { $0 >= 0 && StoredConstant.fits($0) })
  }

  /// The name in a spec.
  public static let kind = "elu"
  /// The keys.
  public static let keys = [Keys.alpha.description]
  /// `elu: 1`.
  public static let mainKey: String? = "alpha"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[5]]),
    LayerExample("{alpha: 1.7}", inputs: [[2, 3, 3]]),
    LayerExample("{alpha: 0.5}", inputs: [[4]]),
  ]

  private let alpha: StoredConstant

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let alpha = reader.read(Keys.alpha)
    guard let alpha else { return nil }
    self.alpha = StoredConstant(alpha)
  }

  /// The range of f′.
  public var slopes: Slopes {
    Slopes(positive: alpha.value <= 1 ? .one : alpha.magnitude)
  }

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    builder.exponentialLinear(x, slope: 1, depth: alpha.value)
  }
}
