import TensorGraph

/// A seeded stream of damage to byte strings.
public struct ByteMutations {
  private let stream: UInt64
  private var drawn: UInt64 = 0

  /// A stream of its own for each seed and name.
  public init(seed: UInt64, name: String) { stream = CounterRandom.stream(seed: seed, name) }

  /// One to four changes: a bit, a byte, an extreme byte, a cut, a copied or removed run, an
  /// insertion, a changed digit.
  public mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...below(4) { change(&bytes) }
    return bytes
  }

  private mutating func below(_ count: Int) -> Int {
    drawn += 1
    return Int(CounterRandom.bits(stream: stream, counter: 0, index: drawn) % UInt64(count))
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else {
      bytes = [UInt8(below(256))]
      return
    }
    let place = below(bytes.count)
    let end = min(bytes.count, place + 1 + below(16))
    switch below(9) {
    case 0: bytes[place] ^= 1 << UInt8(below(8))
    case 1: bytes[place] = UInt8(below(256))
    case 2: bytes[place] = [0, 0x7F, 0x80, 0xFF][below(4)]
    case 3: bytes.removeSubrange(place...)
    case 4: bytes.removeSubrange(place..<end)
    case 5: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count))
    case 6: bytes.insert(UInt8(below(256)), at: place)
    case 7: bytes.append(contentsOf: bytes[place..<end])
    default: changeDigit(&bytes)
    }
  }

  /// Another digit, sign or point for one of the digits, the numbers of headers and tables.
  private mutating func changeDigit(_ bytes: inout [UInt8]) {
    let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
    guard !digits.isEmpty else { return }
    bytes[digits[below(digits.count)]] = Array("0123456789-+.eE".utf8)[below(15)]
  }
}
