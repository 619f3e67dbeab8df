import Testing

@testable import Diagnostics

@Suite struct DiagnosticTextTests {
  let file = SourceFile(
    path: "specs/a.yaml", text: "lmt: 1\n    - conv2d: {filter: 16, kernel: 4}\n\té: x\n")

  @Test func rendersThePlaceTheLineTheCaretAndTheHelp() {
    let fault = Diagnostic.error(
      .spec, "unknown-key", "'conv2d' has no key 'filter'", at: Span(file, 22, 28),
      notes: [.init("written here", at: Span(file, 0, 3))], help: "did you mean 'filters'?")
    #expect(
      DiagnosticText().render(fault) == """
        specs/a.yaml:2:16: error[spec.unknown-key]: 'conv2d' has no key 'filter'
          2 |     - conv2d: {filter: 16, kernel: 4}
            |                ^~~~~~
          note: specs/a.yaml:1:1: written here
          help: did you mean 'filters'?

        """)
  }

  @Test func keepsTabsAndCountsScalars() {
    let offset = file.bytes.count - 2
    let fault = Diagnostic.warning(.spec, "x", "m", at: Span(file, offset, offset + 1))
    #expect(
      DiagnosticText().render(fault)
        == "specs/a.yaml:3:5: warning[spec.x]: m\n  3 | \té: x\n    | \t   ^\n")
  }

  @Test func colorsOnlyWhenAsked() {
    let fault = Diagnostic(.init(.usage, "set"), "m", at: .none)
    #expect(DiagnosticText().render(fault) == "error[usage.set]: m\n")
    #expect(DiagnosticText(TextStyle(isColored: true)).render(fault).contains("\u{1B}[1;31m"))
  }

  @Test func controlCharactersOfTheInputDoNotReachTheTerminal() {
    let file = SourceFile(path: "a\u{1B}[2J", text: "x\u{1B}[31m\u{202E}y")
    let fault = Diagnostic.error(.spec, "x", "found '\u{1B}'", at: Span(file, 0, 1))
    let text = DiagnosticText().render(fault)
    #expect(!text.unicodeScalars.contains("\u{1B}") && !text.unicodeScalars.contains("\u{202E}"))
  }

  @Test(arguments: [0, 5000, 99_999, 100_000]) func longLinesAreCutAroundTheFault(offset: Int) {
    let file = SourceFile(path: "a", text: String(repeating: "ab", count: 50_000))
    let text = DiagnosticText().render(.error(.spec, "x", "m", at: Span(file, offset, offset + 3)))
    let lines = text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count < 250 } && lines[2].contains("^"))
  }

  @Test func otherLocations() {
    let id = Diagnostic.ID(.data, "x")
    let text = DiagnosticText().render([
      Diagnostic(id, "m", at: .file(path: "f", offset: 16)),
      Diagnostic(id, "m", at: .file(path: "f", offset: nil)),
      Diagnostic(id, "m", at: .row(path: "f", line: 3, column: nil)),
      Diagnostic(id, "m", at: .row(path: "f", line: 3, column: 4)),
    ])
    #expect(
      text == """
        f: byte 16: error[data.x]: m
        f: error[data.x]: m
        f:3: error[data.x]: m
        f:3:4: error[data.x]: m

        """)
  }

  @Test func jsonHasTheKeysOfTheContract() {
    let fault = Diagnostic.error(.spec, "x", "m", at: Span(file, 22, 28), help: "h")
    #expect(
      fault.json.text == """
        {"id": "spec.x", "severity": "error", "file": "specs/a.yaml", "line": 2, "column": 16, \
        "end_line": 2, "end_column": 22, "offset": null, "message": "m", "help": "h", "notes": []}
        """)
  }
}
