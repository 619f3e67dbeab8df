import CZlib
import Diagnostics
import Execution
import ModelIR

/// Samples in input units with their labels: what training and certification read.
public struct SampleSet: Sendable {
  /// The shape of one sample.
  public let shape: [Int]
  /// A class for each sample.
  public let labels: [Int]
  /// The number of classes.
  public let classes: Int
  /// The number of elements of one sample.
  public let sampleCount: Int
  private let storage: SampleStorage
  /// The samples' places in the storage; nil for all of them in order.
  private let places: [Int]?

  /// Scales decoded data to input units; throws `file.…` where they cannot be read.
  ///
  /// - Parameters:
  ///   - data: the samples in stored units.
  ///   - scale: stored value × scale is the input.
  ///   - classes: the number of classes.
  public init(_ data: LabeledData, scale: Double, classes: Int) throws(Failure) {
    try self.init(data, scale: scale, classes: classes, limit: SampleStorage.standardLimit)
  }

  /// - Parameter limit: how many bytes of float32 may be kept in memory; larger sets stay as they are stored
  ///   and are converted, to the same values, each time they are used.
  init(_ data: LabeledData, scale: Double, classes: Int, limit: Int) throws(Failure) {
    shape = data.shape
    sampleCount = data.sampleCount
    labels = data.labels
    self.classes = classes
    storage = try SampleStorage(data, scale: scale, limit: limit)
    places = nil
  }

  /// A subset, in the order of `indices`; shares the samples with this set.
  public func selecting(_ indices: [Int]) -> SampleSet {
    SampleSet(
      self, labels: indices.map { labels[$0] }, places: indices.map { places?[$0] ?? $0 })
  }

  /// The same samples with other labels.
  public func relabeled(_ labels: [Int]) -> SampleSet {
    precondition(labels.count == count, "a label for each sample")
    return SampleSet(self, labels: labels, places: places)
  }

  private init(_ whole: SampleSet, labels: [Int], places: [Int]?) {
    shape = whole.shape
    sampleCount = whole.sampleCount
    self.labels = labels
    classes = whole.classes
    storage = whole.storage
    self.places = places
  }

  /// The number of samples.
  public var count: Int { labels.count }

  /// The elements of one sample, row-major: stored value × scale, rounded once to float32.
  public subscript(index: Int) -> ArraySlice<Float> {
    get throws(Failure) {
      var values = [Float](repeating: 0, count: sampleCount)
      try values.withUnsafeMutableBufferPointer { buffer throws(Failure) in
        try copySamples(CollectionOfOne(index), to: buffer)
      }
      return values[...]
    }
  }

  /// A checksum of samples and labels, to tell data sets apart.
  public func digest() throws(Failure) -> UInt64 {
    var sum: UInt = 0
    for index in 0..<count {
      let values = try self[index]
      values.withUnsafeBytes { sum = Self.checksum($0, after: sum) }
    }
    return UInt64(sum) << 32 | UInt64(labels.withUnsafeBytes { Self.checksum($0, after: 0) })
  }

  /// The first sample with a value that is not finite; nil if there is none.
  public func firstNotFinite() throws(Failure) -> Int? {
    guard storage.mayOverflow else { return nil }
    for index in 0..<count {
      let isFinite = try self[index].allSatisfy(\.isFinite)
      if !isFinite { return index }
    }
    return nil
  }

  /// Copies samples into a batch buffer, one after another; throws `file.…`.
  public func copySamples(
    _ indices: some Collection<Int>, to batch: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    for (slot, index) in indices.enumerated() {
      let target = UnsafeMutableBufferPointer(
        rebasing: batch[slot * sampleCount..<(slot + 1) * sampleCount])
      try storage.copy(places?[index] ?? index, to: target)
    }
  }

  /// Writes one-hot labels, [N, K].
  public func copyLabels(
    _ indices: some Collection<Int>, to batch: UnsafeMutableBufferPointer<Float>
  ) {
    batch.update(repeating: 0)
    for (slot, index) in indices.enumerated() { batch[slot * classes + labels[index]] = 1 }
  }

  private static func checksum(_ bytes: UnsafeRawBufferPointer, after sum: UInt) -> UInt {
    crc32_z(sum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
  }
}

extension Executable {
  /// Copies samples into an input; throws `file.…`.
  public func write(
    _ samples: SampleSet, _ indices: some Collection<Int>, to input: String
  ) throws(Failure) {
    var fault: Failure?
    withInput(input) { buffer in
      do throws(Failure) { try samples.copySamples(indices, to: buffer) } catch { fault = error }
    }
    if let fault { throw fault }
  }
}
