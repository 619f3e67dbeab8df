/// Random numbers that are a pure function of (stream, counter, index): the same on every engine,
/// in any order, on any number of threads.
///
/// The mix is SplitMix64's finalizer (Steele, Lea, Flood 2014) applied twice, to the stream and
/// counter first and then to the element's index.
public enum CounterRandom {
  /// 64 random bits.
  @inlinable
  public static func bits(stream: UInt64, counter: UInt64, index: UInt64) -> UInt64 {
    let key = mix(stream &+ counter &* 0x9E37_79B9_7F4A_7C15)
    return mix(key ^ (index &+ 1) &* 0xD1B5_4A32_D192_ED03)
  }

  /// A multiple of 2⁻²⁴ in [0, 1), exact in float32.
  @inlinable
  public static func uniform(stream: UInt64, counter: UInt64, index: UInt64) -> Double {
    Double(bits(stream: stream, counter: counter, index: index) >> 40) * 0x1p-24
  }

  /// A stream's number from a seed and a name, so that streams of different purpose differ.
  public static func stream(seed: UInt64, _ name: String) -> UInt64 {
    name.utf8.reduce(mix(seed)) { mix($0 ^ UInt64($1)) }
  }

  /// The counter that a scalar tensor holds: its integer part, 0 for negative numbers and NaN, at
  /// most 2⁵³.
  @inlinable
  public static func counter(_ number: Double) -> UInt64 {
    number > 0 ? UInt64(min(number, 0x1p53)) : 0
  }

  /// SplitMix64's finalizer, a bijection of 64-bit words.
  @inlinable
  public static func mix(_ word: UInt64) -> UInt64 {
    var z = word &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
