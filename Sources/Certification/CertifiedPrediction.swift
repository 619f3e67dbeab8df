import Enclosure
import Files
import MatrixProducts

/// What is certified of an input without a label: its class is the one that the executed network predicts.
public struct CertifiedPrediction: Sendable, Hashable {
  /// Position among the inputs.
  public let index: Int
  /// The class of the largest logit, the first at a tie; nil if a logit is not a number.
  public let predicted: Int?
  /// The class of the largest other logit; nil without a class.
  public let runnerUp: Int?
  /// By how much the executed logit of the class exceeds that of the runner-up.
  public let margin: Double?
  /// An ℓ2 radius in input units inside which the executed network does not change the class; 0 for a tie.
  public let radius: LowerBound
}

/// Predicts and certifies inputs without labels.
public struct CertifiedPredictor {
  private let network: ExecutedNetwork
  private let certifier: Certifier

  /// A predictor with a network and the certifier of the same execution.
  public init(_ network: ExecutedNetwork, _ certifier: Certifier) {
    (self.network, self.certifier) = (network, certifier)
  }

  /// Predicts and certifies all samples, whatever their labels; `take` receives them in order, some at a time.
  public func predict(
    _ samples: SampleSet, _ workers: Workers, advance: @Sendable (Int) -> Void = { _ in },
    _ take: ([CertifiedPrediction]) throws -> Void
  ) throws {
    var outcomes: [Outcome] = []
    try network.forEachLogits(of: samples, workers) { _, logits in outcomes.append(Outcome(logits))
    }
    let labeled = samples.relabeled(outcomes.map { $0.predicted ?? 0 })
    try certifier.certify(labeled, in: 0..<samples.count, workers, advance: advance) { points in
      try take(
        points.map { point in
          let index = point.certificate.index
          let outcome = outcomes[index]
          return CertifiedPrediction(
            index: index, predicted: outcome.predicted, runnerUp: outcome.runnerUp,
            margin: outcome.margin, radius: point.certificate.radius)
        })
    }
  }
}

/// What the logits of one input say.
private struct Outcome {
  let predicted: Int?
  let runnerUp: Int?
  let margin: Double?

  init(_ logits: [Double]) {
    let best = MarginTest.prediction(of: logits)
    guard best >= 0 else {
      (predicted, runnerUp, margin) = (nil, nil, nil)
      return
    }
    let second = logits.indices.filter { $0 != best }.max { logits[$0] < logits[$1] }
    predicted = best
    runnerUp = second
    margin = second.map { logits[best] - logits[$0] }
  }
}
