import ModelIR

/// Applies the random augmentations in a spec's `train.augment` to the samples of a batch.
struct Augmenter {
  private let augmentations: [any Augmentation]
  private let shape: [Int]
  private let seed: UInt64

  /// Augments samples of a shape that every augmentation accepts.
  init(_ augmentations: [any Augmentation], shape: [Int], seed: UInt64) {
    self.augmentations = augmentations
    self.shape = shape
    self.seed = seed
  }

  /// Changes samples one after another in a batch, in place, in the order of the list.
  ///
  /// - Parameters:
  ///   - indices: the samples' indices in the training data, which the changes depend on.
  ///   - epoch: the current epoch.
  func apply(
    to batch: UnsafeMutableBufferPointer<Float>, of indices: [Int], epoch: Int
  ) {
    guard !augmentations.isEmpty else { return }
    let size = shape.reduce(1, *)
    for (slot, index) in indices.enumerated() {
      let sample = UnsafeMutableBufferPointer(rebasing: batch[slot * size..<(slot + 1) * size])
      for (place, augmentation) in augmentations.enumerated() {
        let draws = SampleDraws(seed: seed, place: place, epoch: epoch, sample: index)
        augmentation.apply(to: sample, shape: shape, draws: draws)
      }
    }
  }
}
