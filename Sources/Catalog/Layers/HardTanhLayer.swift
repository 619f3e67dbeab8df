import ModelIR
import TensorGraph

/// Clamping: f(x) = min(max(x, lowest), highest).
///
/// - Shapes: any, kept.
/// - Bound: slopes 0 and 1, both reached; constant 1. It is a projection onto a convex set.
/// - Cost: one pass over the elements.
/// - Reference: Collobert 2004.
public struct HardTanhLayer: ElementwiseLayer {
  private enum Keys {
    static let lowest = SpecKey<Double>(
      "lowest", default: -1, "the least output",
      .init("a float32 number") { StoredConstant.fits($0) })
    static let highest = SpecKey<Double>(
      "highest", default: 1, "the greatest output",
      .init("a float32 number") { StoredConstant.fits($0) })
  }

  /// The name in a spec.
  public static let kind = "hard_tanh"
  /// The keys.
  public static let keys = [Keys.lowest.description, Keys.highest.description]
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("", inputs: [[5]]),
    LayerExample("{lowest: 0, highest: 6}", inputs: [[2, 3, 3]]),
  ]

  private let lowest: StoredConstant
  private let highest: StoredConstant

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let lowest = reader.read(Keys.lowest)
    let highest = reader.read(Keys.highest)
    guard let lowest, let highest else { return nil }
    guard lowest < highest else {
      reader.report(
        .error(
          .spec, "out-of-range",
          "'lowest' must be less than 'highest' \(highest.specText), found \(lowest.specText)",
          at: reader.node("lowest")?.span ?? reader.span))
      return nil
    }
    self.lowest = StoredConstant(lowest)
    self.highest = StoredConstant(highest)
  }

  /// The range of f′.
  public var slopes: Slopes { Slopes(positive: .one) }

  func apply(to x: Value, _ builder: inout GraphBuilder) -> Value {
    let floor = builder.splat(lowest.value, like: x)
    let ceiling = builder.splat(highest.value, like: x)
    return builder.minimum(builder.maximum(x, floor), ceiling)
  }
}
