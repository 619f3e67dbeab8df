import Compiler
import Diagnostics
import Dispatch
import Execution
import Files
import RoundingAnalysis
import Synchronization

/// Certifies every sample of a set: prediction by the engine, margins by enclosure, less the rounding error
/// of the engine.
public struct Certifier {
  private let predictor: Predictor
  private let evaluator: RoundingEvaluator
  private let test: MarginTest

  /// Prepares weights and bounds.
  ///
  /// - Parameters:
  ///   - predictor: the engine's prediction with `weights` loaded.
  ///   - analyzed: what that prediction computes, for one sample.
  ///   - weights: every parameter of the model by full name.
  ///   - bounds: the bounds of its layers.
  public init(
    predictor: Predictor, analyzed: AnalyzedPrediction, weights: Weights,
    bounds: NetworkBounds, test: MarginTest
  ) {
    self.predictor = predictor
    self.test = test
    evaluator = RoundingEvaluator(
      analyzed.graph, fed: Prediction.images, output: Prediction.logits,
      layers: bounds.analyzedLayers(of: analyzed), rest: LaunchConstants(analyzed, bounds.rest)
    ) { weights.elements(of: $0) }
  }

  /// Certificates in the order of the samples; blocks of samples run on all cores.
  public func certify(_ samples: SampleSet) throws -> [PointCertificate] {
    var executed: [[Float]] = []
    try predictor.forEachLogits(of: samples) { _, logits in executed.append(Array(logits)) }
    let (evaluator, test, logits) = (evaluator, test, executed)
    let blocks = (samples.count + RoundingEvaluator.lanes - 1) / RoundingEvaluator.lanes
    let results = Mutex<[Result<[PointCertificate], Failure>]>(
      Array(repeating: .success([]), count: blocks))
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      let indices =
        block * RoundingEvaluator.lanes..<min(samples.count, (block + 1) * RoundingEvaluator.lanes)
      let points = Result { () throws(Failure) in
        let values = try indices.map { index throws(Failure) in try samples[index] }
        let reaches = indices.map { test.reach(label: samples.labels[$0], logits[$0]) }
        let results = evaluator.evaluate(values, radii: reaches)
        return zip(indices, zip(reaches, results)).map { index, point in
          test.certify(
            index: index, label: samples.labels[index], executed: logits[index],
            analyzed: point.1, reach: point.0)
        }
      }
      results.withLock { $0[block] = points }
    }
    return try results.withLock { try $0.flatMap { try $0.get() } }
  }
}
