import Compiler
import Diagnostics
import Testing

/// A block of a page fenced as `yaml`.
struct Example: CustomTestStringConvertible, Sendable {
  /// Where it stands: `docs/spec.md:17`.
  let place: String
  let text: String

  var testDescription: String { place }

  /// Every block of the pages, in order.
  static let all = Documents.pages.flatMap { page in
    blocks(of: (try? Documents.text(page)) ?? "", page: page)
  }

  private static func blocks(of text: String, page: String) -> [Example] {
    var examples: [Example] = []
    var open: (line: Int, lines: [Substring])?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if let (start, lines) = open, line == "```" {
        examples.append(Example(place: "\(page):\(start)", text: lines.joined(separator: "\n")))
        open = nil
      } else if open != nil {
        open?.lines.append(line)
      } else if line == "```yaml" {
        open = (index + 2, [])
      }
    }
    return examples
  }

  /// The example as a whole spec.
  ///
  /// A block that begins with `lmt: 1` is one. A list is taken for layers, fed [4, 8, 8]; anything
  /// else for sections of a spec, which gets a network if it lacks one.
  var spec: String {
    if text.hasPrefix("lmt: 1") { return text }
    let head = "lmt: 1\nname: fragment\n"
    if text.hasPrefix("- ") {
      let layers = text.split(separator: "\n").map { "    \($0)\n" }.joined()
      return head + "network:\n  input: [4, 8, 8]\n  layers:\n" + layers
        + "    - flatten\n    - dense: 10\n"
    }
    let network = "network: {input: [4, 8, 8], layers: [flatten, dense: 10]}\n"
    return head + text + "\n" + (text.contains("\nnetwork:") ? "" : network)
  }
}

@Suite struct ExampleTests {
  @Test func thePagesHaveExamples() { #expect(Example.all.count >= 10) }

  @Test(arguments: Example.all) func compilesWithoutADiagnostic(_ example: Example) {
    var diagnostics: [Diagnostic] = []
    let file = SourceFile(path: example.place, text: example.spec)
    let compilation = Pipeline.compile(file, &diagnostics)
    #expect(DiagnosticText().render(diagnostics) == "")
    #expect(compilation != nil)
  }
}
