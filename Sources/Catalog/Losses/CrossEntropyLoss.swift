import ModelIR
import TensorGraph

/// Softmax cross-entropy: −log softmax(F(x))_t, the mean over the batch.
///
/// With smoothing s the target is (1 − s)·e_t + s/K.
///
/// - Reference: Szegedy et al. 2016, section 7, for the smoothing.
public struct CrossEntropyLoss: Loss {
  private enum Keys {
    static let smoothing = SpecKey<Double>(
      "smoothing", default: 0, "the weight s of the uniform distribution in the target",
      .init("at least 0 and less than 1") { (0..<1).contains($0) })
  }

  /// The name in a spec.
  public static let kind = "cross_entropy"
  /// The keys.
  public static let keys = [Keys.smoothing.description]
  /// None.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = ["", "{smoothing: 0.1}"]

  private let smoothing: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let smoothing = reader.read(Keys.smoothing) else { return nil }
    self.smoothing = smoothing
  }

  /// None: the loss knows no margin.
  public var marginWeight: Double? { nil }

  /// The mean loss.
  public func lower(_ context: inout LossContext) -> Value {
    var targets = context.labels
    if smoothing > 0 {
      let classes = Double(context.builder.shape(targets)[1])
      let kept = context.builder.scale(targets, by: 1 - smoothing)
      let uniform = context.builder.splat(smoothing / classes, like: targets)
      targets = context.builder.add(kept, uniform)
    }
    return context.builder.softmaxCrossEntropy(context.logits, targets: targets)
  }
}
