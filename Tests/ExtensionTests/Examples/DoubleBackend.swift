import Execution
import TensorGraph

/// An engine that interprets graphs in double precision.
struct DoubleBackend: Backend {
  let name = "double"

  func compile(_ graph: Graph) -> any Executable { DoubleExecutable(graph) }
}

/// A graph with the current values of its inputs and outputs.
final class DoubleExecutable: Executable {
  let graph: Graph
  private var values: [String: [Double]] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    for (name, value) in graph.outputs.map({ ($0.name, $0.value) })
      + graph.inputs.map({ ($0.name, $0.value) })
    {
      values[name] = Array(repeating: 0, count: graph[value].type.count)
    }
  }

  var plan: String { graph.text }

  /// An output with the name of a persistent input replaces it.
  func execute() {
    values.merge(ReferenceEvaluator(graph).evaluate(values)) { $1 }
  }

  func withInput(_ name: String, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    var elements = floats(name)
    elements.withUnsafeMutableBufferPointer { fill($0) }
    values[name] = elements.map(Double.init)
  }

  func withOutput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    floats(name).withUnsafeBufferPointer(read)
  }

  func withCurrentInput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    floats(name).withUnsafeBufferPointer(read)
  }

  private func floats(_ name: String) -> [Float] {
    guard let elements = values[name] else { preconditionFailure("no tensor '\(name)'") }
    return elements.map(Float.init)
  }
}
