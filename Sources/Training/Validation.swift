import Certification
import Compiler
import Diagnostics
import Execution
import Files
import ModelIR
import TensorGraph

/// Accuracy on samples held out from the training data, after each epoch.
struct Validation {
  private let predictor: Predictor
  private let samples: SampleSet
  private let formation: EngineFormation?

  init(model: Model, samples: SampleSet, backend: any Backend) throws {
    let batch = min(100, samples.count)
    predictor = Predictor(
      try backend.compile(Prediction(model: model, batch: batch).graph), batch: batch)
    self.samples = samples
    formation = try EngineFormation(model, backend)
  }

  /// The share of samples classified correctly.
  func accuracy(of tensors: [String: HostTensor]) throws -> Double {
    let formed = try formation?.weights { Weights(tensors)[$0] } ?? [:]
    predictor.load(Weights(tensors.merging(formed) { _, formed in formed }))
    var correct = 0
    try predictor.forEachLogits(of: samples) { index, logits in
      let label = samples.labels[index]
      let isBest = logits.indices.allSatisfy { $0 == label || logits[$0] < logits[label] }
      if isBest { correct += 1 }
    }
    return Double(correct) / Double(samples.count)
  }
}

extension SampleSet {
  /// Holds out a share of the samples, chosen by the seed; nil for a share of 0.
  public func split(
    validation share: Double, seed: UInt64, span: Span
  ) throws(Failure) -> (training: SampleSet, validation: SampleSet?) {
    guard share > 0 else { return (self, nil) }
    let held = Int((Double(count) * share).rounded())
    guard held > 0, held < count else {
      throw Failure(
        .error(
          .spec, "out-of-range", "'validation' holds out \(held) of \(count) samples", at: span,
          help: "choose a share that leaves samples for both training and validation"))
    }
    let order = EpochOrder(count: count, epoch: -1, seed: seed, isShuffled: true).indices
    return (
      selecting(order[held...].sorted()), selecting(order[..<held].sorted())
    )
  }
}
