import Certification
import Compiler
import Execution
import Files
import ModelIR

/// Checks whether a point has another class than its sample, which a certificate of the executed network
/// excludes.
struct ClassCheck {
  private let exact: ExactLogits
  private let network: ExecutedNetwork
  private let samples: SampleSet

  /// Prepares the execution of one sample; throws ``Failure``.
  init(_ context: SearchContext, exact: ExactLogits) throws {
    self.exact = exact
    samples = context.samples
    network = try context.executed(batch: 1)
  }

  /// The contradiction of a radius by a point; nil if the point does not lie inside, or keeps its class
  /// both as it is executed alone and in exact arithmetic.
  func contradiction(
    _ index: Int, radius: Double, _ point: [Float], source: String
  ) throws -> Contradiction? {
    let original = Array(try samples[index])
    let distance = PointDistance.upper(point, original)
    let label = samples.labels[index]
    guard distance < radius, try isMisclassified(point, label: label) else { return nil }
    return Contradiction(
      claim: .radius(index: index), source: source, shape: samples.shape, original: original,
      point: point, claimed: radius, found: distance)
  }

  /// The contradiction of a predicted class, −1 for none, by the sample itself; nil if the execution of
  /// the sample alone or exact arithmetic may agree.
  func contradiction(_ index: Int, predicted: Int, source: String) throws -> Contradiction? {
    let sample = Array(try samples[index])
    let logits = try executed(sample)
    let found = MarginTest.prediction(of: logits)
    guard found != predicted else { return nil }
    if predicted >= 0, found >= 0, !exact.rows([sample])[0].isMisclassified(label: predicted) {
      return nil
    }
    return Contradiction(
      claim: .prediction(index: index), source: source, shape: samples.shape, original: sample,
      point: sample, claimed: Double(predicted), found: Double(found))
  }

  private func isMisclassified(_ point: [Float], label: Int) throws -> Bool {
    try !executed(point).hasLargest(at: label)
      || exact.rows([point])[0].isMisclassified(label: label)
  }

  /// The logits of a point executed alone.
  private func executed(_ point: [Float]) throws -> [Double] {
    let alone = try SampleSet(
      LabeledData(shape: samples.shape, values: point, labels: [0]), scale: 1,
      classes: samples.classes)
    var result: [Double] = []
    try network.forEachLogits(of: alone) { _, logits in result = logits }
    return result
  }
}

extension RandomAccessCollection where Index == Int, Element: BinaryFloatingPoint {
  /// Whether the logit of a class is strictly the largest; not so for NaN.
  func hasLargest(at label: Int) -> Bool {
    indices.allSatisfy { $0 == label || self[$0] < self[label] }
  }
}
