import MutationSupport
import TensorGraph

/// The inputs of a target: a pure function of seed, target and index.
struct FuzzInput {
  private let seeds: [[UInt8]]
  private let stream: UInt64
  private var drawn: UInt64 = 0
  private var mutations: ByteMutations

  /// Input `index` of a target.
  static func bytes(_ target: FuzzTarget, seed: UInt64, index: Int) -> [UInt8] {
    let name = "\(target.name) \(index)"
    var input = FuzzInput(
      seeds: target.seeds, stream: CounterRandom.stream(seed: seed, "choice " + name),
      mutations: ByteMutations(seed: seed, name: name))
    return input.draw()
  }

  private init(seeds: [[UInt8]], stream: UInt64, mutations: ByteMutations) {
    (self.seeds, self.stream, self.mutations) = (seeds, stream, mutations)
  }

  private mutating func below(_ count: Int) -> Int {
    drawn += 1
    return Int(CounterRandom.bits(stream: stream, counter: 0, index: drawn) % UInt64(count))
  }

  private mutating func pick() -> [UInt8] { seeds[below(seeds.count)] }

  /// Mostly a valid file with a few changes; else two files in one, extreme numbers, or noise.
  private mutating func draw() -> [UInt8] {
    switch below(10) {
    case 0:
      let (head, tail) = (pick(), pick())
      return head.prefix(below(head.count + 1)) + tail.suffix(below(tail.count + 1))
    case 1: return extreme(pick())
    case 2:
      let prefix = pick().prefix(below(16))
      return prefix + (0..<below(512)).map { _ in UInt8(below(256)) }
    default: return mutations.mutate(pick())
    }
  }

  /// A word of 2, 4 or 8 bytes set to a size that no file has.
  private mutating func extreme(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...below(3) {
      let size = [2, 4, 8][below(3)]
      guard bytes.count >= size else { return bytes }
      let place = below(bytes.count - size + 1)
      let top: UInt8 = [0xFF, 0x7F, 0x80, 0x00][below(4)]
      let rest: UInt8 = [0xFF, 0x00][below(2)]
      let word = [top] + [UInt8](repeating: rest, count: size - 1)
      bytes.replaceSubrange(place..<place + size, with: below(2) == 0 ? word : word.reversed())
    }
    return bytes
  }
}
