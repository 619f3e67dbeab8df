import Diagnostics
import Dispatch
import Files
import ModelIR

/// Prepares the batches of a training run, in order, one ahead of the step that runs: samples are read,
/// scaled and augmented on a thread of their own.
///
/// A batch depends on the seed and on the number of its step alone, so it is the same whoever prepares it.
final class BatchFeed {
  /// What is fed to a step.
  struct Batch: Sendable {
    /// [N, …].
    let images: [Float]
    /// One-hot, [N, K].
    let labels: [Float]
  }

  private let preparation: Preparation
  private let steps: Int
  private let queue = DispatchQueue(label: "batches")
  private var pending: Pending?

  /// - Parameter steps: those of the whole run; no batch is prepared for later ones.
  init(_ plan: TrainingPlan, samples: SampleSet, stepsPerEpoch: Int, steps: Int) {
    preparation = Preparation(plan, samples: samples, stepsPerEpoch: stepsPerEpoch)
    self.steps = steps
  }

  deinit { pending?.group.wait() }

  /// The batch of a step; throws `file.…` where samples cannot be read.
  func batch(_ step: Int) throws(Failure) -> Batch {
    let current = pending.flatMap { $0.step == step ? $0 : nil } ?? begin(step)
    current.group.wait()
    pending = step + 1 < steps ? begin(step + 1) : nil
    return try current.result.get()
  }

  private func begin(_ step: Int) -> Pending {
    let pending = Pending(step)
    queue.async(group: pending.group) { [preparation] in
      pending.result = Result { () throws(Failure) in try preparation.batch(step) }
    }
    return pending
  }

  /// A batch that is being prepared.
  ///
  /// The queue writes the result; it is read when the group has ended.
  private final class Pending: @unchecked Sendable {
    let step: Int
    let group = DispatchGroup()
    var result: Result<Batch, Failure> = .success(Batch(images: [], labels: []))

    init(_ step: Int) { self.step = step }
  }

  /// How a batch is made.
  ///
  /// Only the queue uses it, one batch after another.
  private final class Preparation: @unchecked Sendable {
    private let plan: TrainingPlan
    private let samples: SampleSet
    private let augmenter: Augmenter
    private let stepsPerEpoch: Int
    private var order: (epoch: Int, order: EpochOrder)?

    init(_ plan: TrainingPlan, samples: SampleSet, stepsPerEpoch: Int) {
      (self.plan, self.samples, self.stepsPerEpoch) = (plan, samples, stepsPerEpoch)
      augmenter = Augmenter(plan.augmentations, shape: samples.shape, seed: plan.seed)
    }

    func batch(_ step: Int) throws(Failure) -> Batch {
      let epoch = step / stepsPerEpoch
      let indices = order(of: epoch).batch(step % stepsPerEpoch, size: plan.batch)
      var images = [Float](repeating: 0, count: indices.count * samples.sampleCount)
      try images.withUnsafeMutableBufferPointer { images throws(Failure) in
        try samples.copySamples(indices, to: images)
        augmenter.apply(to: images, of: indices, epoch: epoch)
      }
      var labels = [Float](repeating: 0, count: indices.count * samples.classes)
      labels.withUnsafeMutableBufferPointer { samples.copyLabels(indices, to: $0) }
      return Batch(images: images, labels: labels)
    }

    private func order(of epoch: Int) -> EpochOrder {
      if let order, order.epoch == epoch { return order.order }
      let new = EpochOrder(
        count: samples.count, epoch: epoch, seed: plan.seed, isShuffled: plan.isShuffled)
      order = (epoch, new)
      return new
    }
  }
}
