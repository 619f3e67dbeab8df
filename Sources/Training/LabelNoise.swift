import Files
import TensorGraph

extension SampleSet {
  /// The same samples, round(share · count) of them with the label of another class.
  ///
  /// The samples and their new classes are uniformly random and depend only on the seed.
  public func withLabelNoise(_ share: Double, seed: UInt64) -> SampleSet {
    guard share > 0 else { return self }
    let stream = CounterRandom.stream(seed: seed, "label_noise")
    // No epoch has this number.
    let order = EpochOrder(count: count, epoch: -2, seed: seed, isShuffled: true).indices
    var labels = labels
    for index in order.prefix(Int((Double(count) * share).rounded())) {
      let bits = CounterRandom.bits(stream: stream, counter: 0, index: UInt64(index))
      let step = 1 + Int(bits.multipliedFullWidth(by: UInt64(classes - 1)).high)
      labels[index] = (labels[index] + step) % classes
    }
    return relabeled(labels)
  }
}
