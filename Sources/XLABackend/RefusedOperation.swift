import Diagnostics
import StableHLO
import TensorGraph

extension Failure {
  /// The same with the operation and its place in the spec where the plugin's message points at a line of the program.
  ///
  /// It does so as MLIR's readers do, `-:12:5: error: …`, or by the origin of an instruction of XLA,
  /// `source_file="-" source_line=12`.
  func naming(_ graph: Graph, in program: StableHLOProgram) -> Failure {
    Failure(diagnostics.map { $0.naming(graph, in: program) })
  }
}

extension Diagnostic {
  fileprivate func naming(_ graph: Graph, in program: StableHLOProgram) -> Diagnostic {
    let texts = [message] + notes.map(\.message)
    guard let line = texts.lazy.compactMap(Self.line).first,
      let value = program.value(atLine: line)
    else { return self }
    let operation = Note("the operation is '\(graph.line(of: value))'")
    return Diagnostic(
      id, severity: severity, Self.withoutLines(message),
      at: program.place(of: value).map { .span($0) } ?? location,
      notes: [operation] + notes.map { Note(Self.withoutLines($0.message), at: $0.span) },
      help: help)
  }

  /// The first line of the program that a message points at.
  private static func line(_ message: String) -> Int? {
    let position = #/(?:^| )-:(\d+):\d+: |source_file="-" source_line=(\d+)/#
    guard let match = message.firstMatch(of: position) else { return nil }
    return (match.1 ?? match.2).flatMap { Int($0) }
  }

  /// Without positions in the program, which the user does not see.
  private static func withoutLines(_ message: String) -> String {
    message.replacing(#/(^| )(?:-:\d+:\d+|<unknown>:0): (?:error|note): /#) { "\($0.1)" }
  }
}

extension PJRTClient {
  /// Compiles the module of a graph; throws ``Failure`` (`device.xla`) that names the operation which is refused.
  func compile(
    _ module: StableHLOProgram, of graph: Graph, devices: Int = 1
  ) throws(Failure) -> PJRTExecutable {
    do throws(Failure) {
      return try compile(module.text, named: graph.name, devices: devices)
    } catch {
      throw error.naming(graph, in: module)
    }
  }
}
