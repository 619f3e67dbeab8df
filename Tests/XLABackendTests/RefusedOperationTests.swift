import Diagnostics
import StableHLO
import TensorGraph
import Testing

@testable import XLABackend

/// What the plugin says of a line of a program, as a diagnostic of the operation there.
struct RefusedOperationTests {
  private static let spec = SourceFile(path: "spec.yaml", text: "layers:\n  - dense: 2\n")

  /// x·w with w [2, 3], which has to be transposed for that; the type of the result is that of the right product.
  private static let brokenProduct = Graph(
    name: "step",
    nodes: [
      Node(.input("x"), [], TensorType([4, 3])), Node(.input("w"), [], TensorType([2, 3])),
      Node(
        .dot(transposeLeft: false, transposeRight: false), [Value(0), Value(1)], TensorType([4, 2])),
    ],
    inputs: [
      .init(name: "x", value: Value(0), isPersistent: false),
      .init(name: "w", value: Value(1), isPersistent: true, place: Span(spec, 12, 20)),
    ],
    outputs: [.init(name: "y", value: Value(2))])

  @Test(.withPlugin) func anOperationThatTheCompilerRefusesIsNamed() throws {
    let (client, graph) = (try Plugin.client.get(), Self.brokenProduct)
    let failure = #expect(throws: Failure.self) {
      try client.compile(StableHLOProgram(graph), of: graph)
    }
    let diagnostic = try #require(failure?.diagnostics.first)
    expectProduct(diagnostic)
    #expect(diagnostic.message.hasPrefix("XLA cannot compile the graph 'step': contracting dim"))
    #expect(ExitCode(for: [diagnostic]) == .noDevice)
  }

  @Test(arguments: [
    ("-:8:10: error: custom op 'dot' is unknown", "custom op 'dot' is unknown"),
    (
      #"no kernel for %dot.1 = f32[4,2] dot(), metadata={source_file="-" source_line=8}"#,
      #"no kernel for %dot.1 = f32[4,2] dot(), metadata={source_file="-" source_line=8}"#
    ),
  ])
  func linesOfTheProgramBecomeOperations(_ message: String, _ shown: String) throws {
    let failure = Failure(
      Diagnostic(
        .init(.device, "xla"), "XLA cannot compile the graph 'step': \(message)", at: .none,
        notes: [.init("<unknown>:0: error: it may be too old")]))
    let program = StableHLOProgram(Self.brokenProduct)
    #expect(program.text.split(separator: "\n")[7].contains("dot_general"))
    let named = failure.naming(Self.brokenProduct, in: program)
    let diagnostic = try #require(named.diagnostics.first)
    expectProduct(diagnostic)
    #expect(diagnostic.message == "XLA cannot compile the graph 'step': \(shown)")
    #expect(diagnostic.notes.last?.message == "it may be too old")
  }

  @Test(arguments: ["out of memory", "-:1:1: error: no module", "-:900:1: error: no line"])
  func otherFaultsStayAsTheyAre(_ message: String) {
    let diagnostic = Diagnostic(.init(.device, "xla"), message, at: .none)
    let program = StableHLOProgram(Self.brokenProduct)
    let named = Failure(diagnostic).naming(Self.brokenProduct, in: program)
    #expect(named.diagnostics == [diagnostic])
  }

  private func expectProduct(
    _ diagnostic: Diagnostic, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect("\(diagnostic.id)" == "device.xla", sourceLocation: sourceLocation)
    #expect(diagnostic.location == .span(Span(Self.spec, 12, 20)), sourceLocation: sourceLocation)
    #expect(
      diagnostic.notes.first?.message == "the operation is '%2 = dot(%0, %1) : [4, 2]'",
      sourceLocation: sourceLocation)
  }
}
