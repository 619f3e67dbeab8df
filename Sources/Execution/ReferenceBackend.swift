import TensorGraph

/// The reference evaluator behind the engine protocol: the oracle of the conformance suite.
///
/// Slow, in Double; persistent state keeps Double precision, only reads and writes round.
public struct ReferenceBackend: Backend {
  /// An engine without settings.
  public init() {}
  /// `reference`.
  public var name: String { "reference" }
  /// Never throws.
  public func compile(_ graph: Graph) -> any Executable { ReferenceExecutable(graph) }
}

/// A graph with its Double state.
final class ReferenceExecutable: Executable {
  let graph: Graph
  private let evaluator: ReferenceEvaluator
  private let persistentNames: Set<String>
  private var inputs: [String: [Double]] = [:]
  private var outputs: [String: [Double]] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    evaluator = ReferenceEvaluator(graph)
    persistentNames = Set(graph.inputs.filter(\.isPersistent).map(\.name))
    for input in graph.inputs {
      inputs[input.name] = Array(repeating: 0, count: graph[input.value].type.count)
    }
    for output in graph.outputs {
      outputs[output.name] = Array(repeating: 0, count: graph[output.value].type.count)
    }
  }

  var plan: String { graph.text }

  func withInput(_ name: String, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    var elements = floats(inputs, name)
    elements.withUnsafeMutableBufferPointer { fill($0) }
    inputs[name] = elements.map(Double.init)
  }

  func execute() {
    outputs = evaluator.evaluate(inputs)
    for (name, elements) in outputs where persistentNames.contains(name) {
      inputs[name] = elements
    }
  }

  func withOutput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    floats(outputs, name).withUnsafeBufferPointer(read)
  }

  func withCurrentInput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    floats(inputs, name).withUnsafeBufferPointer(read)
  }

  private func floats(_ tensors: [String: [Double]], _ name: String) -> [Float] {
    guard let elements = tensors[name] else {
      preconditionFailure("graph '\(graph.name)' has no '\(name)'")
    }
    return elements.map(Float.init)
  }
}
