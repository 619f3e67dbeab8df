import Diagnostics
import GraphTestSupport
import TensorGraph
import Testing

/// Printed graphs read back equal; other text ends in diagnostics with spans.
struct GraphTextTests {
  private func parse(_ text: String) -> (graph: Graph?, diagnostics: [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    let graph = Graph(text: SourceFile(path: "g", text: text), diagnostics: &diagnostics)
    #expect((graph == nil) == diagnostics.hasErrors)
    return (graph, diagnostics)
  }

  @Test(arguments: OperationCase.all)
  func everyOperationReadsBack(_ operationCase: OperationCase) {
    let graph = operationCase.graph
    let (parsed, diagnostics) = parse(graph.text)
    #expect(parsed == graph, "\(diagnostics.map(\.message))")
  }

  @Test(arguments: 0..<20)
  func randomGraphsReadBack(_ seed: Int) {
    let graph = RandomGraph.make(seed: UInt64(seed))
    #expect(parse(graph.text).graph == graph)
  }

  @Test func oddNamesAndNumbersReadBack() {
    let builder = GraphBuilder("a \"b\" \\ \n \u{7F} λ")
    let x = builder.input("", [])
    for number in [-0.0, .infinity, -.infinity, 5e-324, 0.1, 1e300] {
      builder.output("\(number)", x + number)
    }
    #expect(parse(builder.graph.text).graph == builder.graph)
  }

  @Test func textIsAsDocumented() {
    let builder = GraphBuilder("step")
    let w = builder.input("w", [10, 7], isPersistent: true)
    builder.output("gram", w.dot(w, transposeRight: true))
    #expect(
      builder.graph.text == """
        graph "step"
        persistent "w" %0
        %0 = input() {name "w"} : [10, 7]
        %1 = dot(%0, %0) {transposeRight} : [10, 10]
        output "gram" %1

        """)
  }

  @Test(arguments: [
    ("", 1, 1), ("input \"x\" %0", 1, 1), ("graph g", 1, 7), ("graph \"g", 1, 7),
    ("graph \"g\"\ngraph \"g\"", 2, 1), ("graph \"g\"\n%1 = splat() {value 1} : []", 2, 1),
    ("graph \"g\"\n%0 = splat() : []", 2, 14), ("graph \"g\"\n%0 = plat() : []", 2, 6),
    ("graph \"g\"\n%0 = splat() {value x} : []", 2, 21),
    ("graph \"g\"\n%0 = splat() {value 1, axis 2} : []", 2, 24),
    ("graph \"g\"\n%0 = splat() {value 1} : [99999999999]", 2, 27),
    ("graph \"g\"\n%0 = splat() {value 1} : [2000000000, 2000000000]", 2, 26),
    ("graph \"g\"\n%0 = negate(%0) : []", 2, 1), ("graph \"g\"\noutput \"y\" %0", 2, 1),
    ("graph \"g\"\n?", 2, 1), ("graph \"g\" 1", 1, 11), ("graph \"\\x\"", 1, 8),
  ])
  func faultsHaveTheirPlace(_ text: String, _ line: Int, _ column: Int) throws {
    let diagnostic = try #require(parse(text).diagnostics.first)
    guard case .span(let span) = diagnostic.location else {
      Issue.record("no span")
      return
    }
    #expect(span.line == line && span.column == column, "\(diagnostic.message)")
  }

  @Test func faultsOfSeveralLinesAreFoundAtOnce() {
    #expect(parse("graph \"g\"\n%0 = plat() : []\n%1 = negate(%0) : [\n").diagnostics.count == 2)
  }

  /// Mutations of real graphs: bytes changed, removed, repeated; spliced lines.
  @Test(arguments: 0..<40)
  func mutatedTextEndsInAGraphOrADiagnostic(_ seed: Int) {
    let cases = OperationCase.all
    let stream = CounterRandom.stream(seed: UInt64(seed), "mutations")
    var draws: UInt64 = 0
    func pick(_ count: Int) -> Int {
      draws += 1
      return Int(CounterRandom.bits(stream: stream, counter: 1, index: draws) % UInt64(count))
    }
    let fragments = ["0", "9", "-", "%", "\"", "{", "}", "[", ",", "\n", "999999999", "\u{0}", "é"]
    for _ in 0..<25 {
      var bytes = Array(cases[pick(cases.count)].graph.text.utf8)
      for _ in 0...pick(3) {
        let place = pick(bytes.count)
        switch pick(3) {
        case 0: bytes[place] = UInt8(pick(256))
        case 1: bytes.remove(at: place)
        default: bytes.insert(contentsOf: Array(fragments[pick(fragments.count)].utf8), at: place)
        }
      }
      var diagnostics: [Diagnostic] = []
      let graph = Graph(text: SourceFile(path: "g", bytes: bytes), diagnostics: &diagnostics)
      #expect((graph == nil) == diagnostics.hasErrors)
    }
  }
}
