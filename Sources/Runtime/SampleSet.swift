import CZlib
import ModelIR
import TensorGraph

/// Samples in input units with their labels: what training and certification read.
public struct SampleSet: Sendable {
  /// The shape of one sample.
  public let shape: [Int]
  /// Samples after one another, row-major: stored value × scale, rounded once to float32.
  public let values: [Float]
  /// A class for each sample.
  public let labels: [Int]
  /// The number of classes.
  public let classes: Int

  /// Scales decoded data to input units.
  public init(_ data: LabeledData, scale: Double, classes: Int) {
    shape = data.shape
    values = data.values.map { Float(Double($0) * scale) }
    labels = data.labels
    self.classes = classes
  }

  /// A subset, in the order of `indices`.
  public func selecting(_ indices: [Int]) -> SampleSet {
    var values: [Float] = []
    values.reserveCapacity(indices.count * sampleCount)
    for index in indices { values += self[index] }
    return SampleSet(
      shape: shape, values: values, labels: indices.map { labels[$0] }, classes: classes)
  }

  /// The number of samples.
  public var count: Int { labels.count }
  /// The number of elements of one sample.
  public var sampleCount: Int { shape.reduce(1, *) }
  /// The elements of one sample.
  public subscript(index: Int) -> ArraySlice<Float> {
    values[index * sampleCount..<(index + 1) * sampleCount]
  }

  /// A checksum of samples and labels, to tell data sets apart.
  var digest: UInt64 {
    func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
      UInt64(crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }
    return values.withUnsafeBytes(checksum) << 32 | labels.withUnsafeBytes(checksum)
  }

  /// Copies samples into a batch buffer, one after another.
  func copySamples(_ indices: some Collection<Int>, to batch: UnsafeMutableBufferPointer<Float>) {
    values.withUnsafeBufferPointer { source in
      for (slot, index) in indices.enumerated() {
        let target = UnsafeMutableBufferPointer(
          rebasing: batch[slot * sampleCount..<(slot + 1) * sampleCount])
        _ = target.update(from: source[index * sampleCount..<(index + 1) * sampleCount])
      }
    }
  }

  /// Writes one-hot labels, [N, K].
  func copyLabels(_ indices: some Collection<Int>, to batch: UnsafeMutableBufferPointer<Float>) {
    batch.update(repeating: 0)
    for (slot, index) in indices.enumerated() { batch[slot * classes + labels[index]] = 1 }
  }

  private init(shape: [Int], values: [Float], labels: [Int], classes: Int) {
    self.shape = shape
    self.values = values
    self.labels = labels
    self.classes = classes
  }
}

/// The order in which an epoch visits the samples: a permutation that depends on the seed and the
/// epoch alone.
struct EpochOrder {
  /// Sample indices, a permutation.
  let indices: [Int]

  /// Fisher and Yates' shuffle of `0..<count`, or that order itself if nothing is shuffled.
  init(count: Int, epoch: Int, seed: UInt64, isShuffled: Bool) {
    var order = Array(0..<count)
    if isShuffled {
      let stream = CounterRandom.stream(seed: seed, "shuffle")
      for last in stride(from: count - 1, to: 0, by: -1) {
        let bits = CounterRandom.bits(
          stream: stream, counter: UInt64(bitPattern: Int64(epoch)), index: UInt64(last))
        order.swapAt(last, Int(bits.multipliedFullWidth(by: UInt64(last + 1)).high))
      }
    }
    indices = order
  }

  /// The number of steps for a batch size.
  static func steps(count: Int, batch: Int) -> Int { (count + batch - 1) / batch }

  /// The samples of a step; the last batch is filled up from the start of the order.
  func batch(_ step: Int, size: Int) -> [Int] {
    (step * size..<(step + 1) * size).map { indices[$0 % indices.count] }
  }
}
