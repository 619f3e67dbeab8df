import Diagnostics
import Foundation
import ModelIR
import Testing

/// Mutates valid specs and demands an answer to each: a spec, or errors that all have a place.
///
/// `LMTC_TEST_MULTIPLIER` scales the number of mutations; a failure prints its text.
@Suite struct SpecFuzzTests {
  private static let rounds =
    40 * (ProcessInfo.processInfo.environment["LMTC_TEST_MULTIPLIER"].flatMap { Int($0) } ?? 1)

  /// 80 seeds × 40 rounds = 3200 mutations.
  @Test(arguments: 0..<80) func mutationsEndInASpecOrALocatedError(seed: Int) {
    var random = FuzzRandom(seed: UInt64(seed))
    for round in 0..<Self.rounds {
      var bytes = Array(random.pick(fuzzSeeds).utf8)
      for _ in 0...random.below(4) {
        if round % 2 == 0 { mutateBytes(&bytes, &random) } else { mutateTokens(&bytes, &random) }
      }
      check(bytes)
    }
  }

  private func check(_ bytes: [UInt8]) {
    let (spec, _, diagnostics) = readSpec(SourceFile(path: "fuzz.yaml", bytes: bytes))
    let errors = diagnostics.filter { $0.severity == .error }
    let isLocated = errors.allSatisfy { error in
      guard case .span(let span) = error.location else { return false }
      return span.lower >= 0 && span.upper <= span.file.bytes.count && span.lower <= span.upper
    }
    let isAnswered = spec != nil || !errors.isEmpty
    #expect(isLocated && isAnswered, "\(String(decoding: bytes, as: UTF8.self))")
    // Rendering must cope with every span and message as well.
    #expect(DiagnosticText().render(diagnostics).utf8.count >= 0)
    if let spec, !diagnostics.hasErrors { checkCopy(spec) }
  }

  private func checkCopy(_ spec: ModelSpec) {
    let yaml = spec.yaml()
    let copy = readSpec(yaml)
    #expect(copy.spec?.yaml() == yaml, "\(yaml)\n\(DiagnosticText().render(copy.diagnostics))")
  }

  private func mutateBytes(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(random.below(256))) }
    let place = random.below(bytes.count)
    let length = random.below(min(40, bytes.count - place)) + 1
    switch random.below(6) {
    case 0: bytes[place] = UInt8(random.below(256))
    case 1: bytes.insert(UInt8(random.below(128)), at: place)
    case 2: bytes.removeSubrange(place..<(place + length))
    case 3: bytes.insert(contentsOf: bytes[place..<(place + length)], at: random.below(bytes.count))
    case 4: bytes.swapAt(place, random.below(bytes.count))
    default: bytes.removeSubrange(place...)
    }
  }

  private func mutateTokens(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
    var tokens = tokens(bytes)
    guard !tokens.isEmpty else { return }
    let place = random.below(tokens.count)
    switch random.below(5) {
    case 0: tokens[place] = Array(random.pick(fuzzTokens).utf8)
    case 1: tokens.insert(Array(random.pick(fuzzTokens).utf8), at: place)
    case 2: tokens.remove(at: place)
    case 3: tokens.swapAt(place, random.below(tokens.count))
    default: tokens.insert(tokens[random.below(tokens.count)], at: place)
    }
    bytes = Array(tokens.joined())
  }

  /// Words and the characters between them.
  private func tokens(_ bytes: [UInt8]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var wasWord = false
    for byte in bytes {
      let isWord =
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F
      if isWord, wasWord {
        result[result.count - 1].append(byte)
      } else {
        result.append([byte])
      }
      wasWord = isWord
    }
    return result
  }
}

/// A small generator (SplitMix64).
struct FuzzRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  mutating func pick(_ texts: [String]) -> String { texts[below(texts.count)] }
}

/// Valid specs that together use the whole language.
private let fuzzSeeds =
  [example]
  + ["constants", "blocks", "structures", "anchors", "everything", "numbers"].compactMap { name in
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try? String(
      contentsOf: folder.appending(path: "grammar/accepted/\(name).yaml"), encoding: .utf8)
  }

/// Words, numbers and signs that mean something somewhere.
private let fuzzTokens = [
  "{", "}", "[", "]", ":", ",", "-", "#", "&a ", "*a", "!x ", "<<", "\n", "  ", "\t", "\"", "'",
  "|",
  ">", "${", "${c}", "${width*2}", "}", "$", "0", "-1", "1e999", "99999999999999999999", "1/0",
  ".nan",
  "sqrt(", "0x", "null", "~", "true", "no", "name", "from", "input", "layers", "repeat", "residual",
  "parallel", "branch", "define", "let", "dense", "conv2d", "relu", "units", "kernel", "é", "\u{0}",
  "\u{7F}", "---\n", "%YAML 1.1\n", "? ", "1000000", "9223372036854775807", "-9223372036854775808",
]
