import Diagnostics
import Compiler
import Dispatch
import Execution
import Synchronization
import TensorGraph

/// Certifies every sample of a set: prediction by the engine, margins by enclosure.
public struct Certification {
  private let predictor: Predictor
  private let evaluator: EnclosingEvaluator
  private let certifier: Certifier

  /// Samples enclosed side by side.
  private static let lanes = 32

  /// Prepares weights and bounds.
  ///
  /// - Parameters:
  ///   - predictor: the engine's prediction with `weights` loaded.
  ///   - singleSample: the prediction graph for a batch of 1.
  ///   - weights: every parameter of the model by full name.
  public init(
    predictor: Predictor, singleSample: Graph, weights: [String: HostTensor], certifier: Certifier
  ) {
    self.predictor = predictor
    self.certifier = certifier
    evaluator = EnclosingEvaluator(singleSample, fed: Prediction.images) { name in
      guard let tensor = weights[name] else { preconditionFailure("the weights lack '\(name)'") }
      return tensor.elements
    }
  }

  /// Certificates in the order of the samples; blocks of samples run on all cores.
  public func certify(_ samples: SampleSet) throws -> [PointCertificate] {
    var executed: [[Float]] = []
    try predictor.forEachLogits(of: samples) { _, logits in executed.append(Array(logits)) }
    let (evaluator, certifier, logits) = (evaluator, certifier, executed)
    let blocks = (samples.count + Self.lanes - 1) / Self.lanes
    let results = Mutex<[Result<[PointCertificate], Failure>]>(
      Array(repeating: .success([]), count: blocks))
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      let indices = block * Self.lanes..<min(samples.count, (block + 1) * Self.lanes)
      let points = Result { () throws(Failure) in
        let enclosures = evaluator.enclose(
          try indices.map { index throws(Failure) in try samples[index] },
          output: Prediction.logits)
        return zip(indices, enclosures).map { index, enclosure in
          certifier.certify(
            index: index, label: samples.labels[index], executed: logits[index],
            lower: enclosure.lower, upper: enclosure.upper)
        }
      }
      results.withLock { $0[block] = points }
    }
    return try results.withLock { try $0.flatMap { try $0.get() } }
  }
}
