import TensorGraph

/// A random change of training samples.
///
/// The change of a sample depends only on the seed, the epoch and the sample's index, so that a
/// resumed run sees the same samples.
public protocol Augmentation: CatalogEntry where Example == String {
  /// Throws a phrase that states what is required and what was found if the shape does not fit.
  func check(_ shape: [Int]) throws(ShapeFault)
  /// Changes a sample of a checked shape, row-major, in place.
  func apply(
    to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], draws: SampleDraws)
}

/// The random numbers of one sample in one epoch.
public struct SampleDraws: Sendable {
  /// How many numbers there are.
  public static let count = 128
  /// How many numbers each counter of the generator gives.
  private static let block = 4
  private let stream: UInt64
  private let epoch: UInt64
  private let sample: UInt64

  /// The numbers of an augmentation, identified by its place in the spec.
  public init(seed: UInt64, place: Int, epoch: Int, sample: Int) {
    stream = CounterRandom.stream(seed: seed, "augment/\(place)")
    self.epoch = UInt64(epoch)
    self.sample = UInt64(sample)
  }

  /// A uniform number below `bound`; different indices are independent.
  public func integer(_ index: Int, below bound: Int) -> Int {
    precondition((0..<Self.count).contains(index) && bound > 0, "no such draw")
    let (counter, place) = index.quotientAndRemainder(dividingBy: Self.block)
    let bits = CounterRandom.bits(
      stream: stream, counter: epoch | UInt64(counter) << 32,
      index: sample &* UInt64(Self.block) &+ UInt64(place))
    return Int(bits.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A uniform multiple of 2⁻⁵³ in [0, 1).
  public func uniform(_ index: Int) -> Double { Double(integer(index, below: 1 << 53)) * 0x1p-53 }
}
