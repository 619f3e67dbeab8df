import Diagnostics
import Testing

@testable import SpecSyntax

/// The tree of a text in flow notation, `!` and the ids of the diagnostics if there are any.
private func summary(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) -> String {
  var diagnostics: [Diagnostic] = []
  let file = SourceFile(path: "t", bytes: bytes)
  let root = parseYAML(file, 0..<bytes.count, limits: limits, &diagnostics)
  let ids = diagnostics.map { "\($0.id)" }.joined(separator: " ")
  return (root.map(YAMLText.flow) ?? "nil") + (ids.isEmpty ? "" : " ! " + ids)
}

private func summary(_ text: String) -> String { summary(Array(text.utf8)) }

/// `line:column-line:column` of every diagnostic.
private func places(_ text: String) -> [String] {
  var diagnostics: [Diagnostic] = []
  _ = parseYAML(SourceFile(path: "t", text: text), &diagnostics)
  return diagnostics.map { diagnostic in
    guard case .span(let span) = diagnostic.location else { return "none" }
    let end = span.file.position(of: span.upper)
    return "\(span.line):\(span.column)-\(end.line):\(end.column)"
  }
}

@Suite struct YAMLParseTests {
  @Test(
    arguments: [
      ("a: 1\nb: [x, 'y z', \"\"]\n", "{a: 1, b: [x, y z, \"\"]}"),
      ("a: &x {k: 1}\nb: *x\n", "{a: {k: 1}, b: {k: 1}}"),
      ("- no\n- 1e-3\n- ~\n-\n", "[no, 1e-3, \"~\", null]"),
      ("\u{FEFF}a: é\n", "{a: \"é\"}"),
      ("%YAML 1.2\n---\na: 1\n...\n", "{a: 1}"),
      ("a: |\n  x\n  y\nb: 1\n", "{a: \"x\\ny\\n\", b: 1}"),
      ("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"),
    ] as [(String, String)]) func reads(text: String, tree: String)
  {
    #expect(summary(text) == tree)
  }

  @Test(
    arguments: [
      ("", "nil ! yaml.empty"), ("# nothing\n", "nil ! yaml.empty"), ("---\n", "nil ! yaml.empty"),
      ("a: 1\n---\nb: 2\n", "{a: 1} ! yaml.documents"),
      ("a: 1\na: 2\nb: 3\n", "{a: 1, b: 3} ! yaml.duplicate-key"),
      ("? [1]\n: 2\n", "{} ! yaml.key"),
      ("a: {<<: {b: 1}, c: 2}", "{a: {c: 2}} ! yaml.merge-key"),
      ("a: !!python/object x\n", "{a: x} ! yaml.tag"),
      ("a: !x [1]\nb: !!str 1\n", "{a: [1], b: 1} ! yaml.tag yaml.tag"),
      ("a: &x 1\n", "{a: 1} ! yaml.unused-anchor"),
      ("a: *x\n", "nil ! yaml.alias"), ("a: &x [*x]\n", "nil ! yaml.alias"),
      ("a: [1\n", "nil ! yaml.syntax"), ("\tb: 1\n", "nil ! yaml.syntax"),
      ("a: b: c\n", "nil ! yaml.syntax"), ("a: \u{1}\n", "nil ! yaml.character"),
    ] as [(String, String)]) func diagnoses(text: String, outcome: String)
  {
    #expect(summary(text) == outcome)
  }

  @Test(
    arguments: [
      [0x61, 0x3A, 0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0x61, 0x00],
      [0xFF, 0xFE, 0x61, 0x00], [0xF5, 0x80, 0x80, 0x80],
    ] as [[UInt8]]) func refusesWhatIsNotUTF8(bytes: [UInt8])
  {
    #expect(summary(bytes) == "nil ! yaml.encoding")
  }

  @Test func placesCountBytesNotScalars() {
    #expect(places("é: &anchor x\n'ü€😀': {k: &b y}\n") == ["1:4-1:11", "2:12-2:14"])
    #expect(places("ä: 1\nö: 2\nä: 3\n") == ["3:1-3:2"])
  }

  @Test func blocksEndWithTheirLastChild() throws {
    var diagnostics: [Diagnostic] = []
    let text = "a:\n  b:\n    - x\n    - &n y z   # comment\n\nc: *n\n"
    let root = try #require(parseYAML(SourceFile(path: "t", text: text), &diagnostics))
    let block = try #require(root["a"])
    #expect(
      block.span.line == 2
        && block.span.upper == text.utf8.count - "   # comment\n\nc: *n\n".utf8.count)
    #expect(block["b"]?.sequence?[1].span.column == 10)
    #expect(diagnostics.isEmpty)
  }

  @Test func depthIsLimited() {
    for unit in ["[", "{a: ", "- "] {
      #expect(summary(String(repeating: unit, count: 10_000)) == "nil ! yaml.too-deep")
    }
    let fits = String(repeating: "[", count: 99) + String(repeating: "]", count: 99)
    #expect(!summary(fits).contains("!"))
  }

  @Test func aliasesCannotExplode() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let alias = "*a\(level - 1)"
      let aliases = Array(repeating: alias, count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(summary(text) == "nil ! yaml.too-many-nodes")
    var deep = "- &a0 [x]\n"
    for level in 1...120 { deep += "- &a\(level) [*a\(level - 1)]\n" }
    #expect(summary(deep) == "nil ! yaml.too-deep")
  }

  @Test func everyNodeCountsOnce() {
    var limits = YAMLLimits()
    let text = "a: &x [1, [2, {b: 3}]]\nc: *x\n"
    // The mapping, two keys, and twice the seven nodes of `a`.
    limits.nodes = 17
    #expect(!summary(Array(text.utf8), limits: limits).contains("!"))
    limits.nodes = 16
    #expect(summary(Array(text.utf8), limits: limits) == "nil ! yaml.too-many-nodes")
  }

  @Test func sizeIsLimitedBeforeAnythingIsRead() {
    var limits = YAMLLimits()
    limits.bytes = 10
    #expect(summary(Array("a: 12345678".utf8), limits: limits) == "nil ! yaml.too-large")
    #expect(summary(Array("a: 1234567".utf8), limits: limits) == "{a: 1234567}")
  }

  @Test func aLongScalarIsFine() {
    let text = "a: " + String(repeating: "x", count: 100_000)
    #expect(summary(text).utf8.count == text.utf8.count + 2)
  }

  @Test func randomBytesEndInATreeOrADiagnostic() {
    var random = RandomBytes(seed: 7)
    for length in 0..<300 {
      let bytes = (0..<length).map { _ in random.next() }
      #expect(!summary(bytes).isEmpty)
      let ascii = bytes.map { $0 % 95 + 32 }
      #expect(!summary(ascii).isEmpty)
    }
  }

  @Test(arguments: [
    "", "a", "a b", "null", "~", "true", "-1", "- x", "[x]", "a: b", "a #b", "#", "*a", "&a", "é",
    "\"", "\\", "\n", " a", "a ", "'", "1/255", "2*sqrt(2)", "${c}", "lipschitz <= 20", "---",
    "\u{85}\u{7}", "<<", "!x", "?", "-", ":", "%", "@", "`", "a,b", "{", "\u{FEFF}",
  ]) func writtenScalarsReadBack(text: String) throws {
    for context in ["[X]", "- X"] {
      let yaml = context.replacing("X", with: YAMLText.scalar(text))
      var diagnostics: [Diagnostic] = []
      let root = parseYAML(SourceFile(path: "t", text: yaml), &diagnostics)
      #expect(root?.sequence?.first?.scalar == text && diagnostics.isEmpty)
    }
  }
}

/// A small generator of bytes (xorshift64).
private struct RandomBytes {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt8 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 32)
  }
}
