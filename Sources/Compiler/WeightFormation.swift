import Execution
import ModelIR
import TensorGraph

/// The graph that forms the weights of a network from their free tensors.
public struct WeightFormation {
  /// Inputs are the free tensors, outputs the weights, under their full names.
  public let graph: Graph

  /// Builds it; nil for a network without formed weights.
  public init?(_ model: Model) {
    let formed = model.formedWeights
    guard !formed.isEmpty else { return nil }
    let builder = GraphBuilder("form_weights")
    for weight in formed {
      let free = builder.input(
        weight.freeName, weight.weight.free.shape, place: weight.node.span)
      builder.output(weight.name, weight.formed(from: free))
    }
    graph = builder.graph.simplified()
  }

  /// The weights for free tensors, computed in Double and rounded to float32.
  ///
  /// - Parameter tensors: at least the free tensors, by full name.
  public func weights(from tensors: [String: HostTensor]) -> [String: HostTensor] {
    let inputs = graph.inputs.map { ($0.name, tensors[$0.name]?.elements.map(Double.init) ?? []) }
    let results = ReferenceEvaluator(graph).evaluate(Dictionary(uniqueKeysWithValues: inputs))
    return Dictionary(
      uniqueKeysWithValues: graph.outputs.map { output in
        let elements = (results[output.name] ?? []).map { Float($0) }
        return (output.name, HostTensor(graph[output.value].type.shape, elements))
      })
  }
}
