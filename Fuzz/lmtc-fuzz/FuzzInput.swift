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
    case 3: return extremeNumbers(pick())
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

  /// Decimal numbers replaced by ones that overflow, vanish or are none.
  private mutating func extremeNumbers(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...below(3) {
      let isDigit = { (0x30...0x39).contains(bytes[$0]) }
      let starts = bytes.indices.filter { isDigit($0) && ($0 == 0 || !isDigit($0 - 1)) }
      guard !starts.isEmpty else { return bytes }
      let start = starts[below(starts.count)]
      let end = bytes[start...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.endIndex
      bytes.replaceSubrange(start..<end, with: Self.extremes[below(Self.extremes.count)].utf8)
    }
    return bytes
  }

  private static let extremes = [
    "0", "-1", "65536", "2147483648", "4294967297", "3037000500", "9223372036854775807",
    "18446744073709551616", "1e38", "1e308", "1e309", "5e-324", "1e-400", "-0", "0.5", "nan",
  ]
}
