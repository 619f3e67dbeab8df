import ModelIR
import TensorGraph

/// The graph that brings free tensors back to the set on which their parametrizations mean them to stay.
public struct WeightRetraction {
  /// The number of training steps from one retraction to the next.
  public let interval: Int
  /// Inputs are free tensors under their full names, kept like those of the training step.
  public let graph: Graph
  /// The outputs that replace the inputs, by the names of the inputs.
  public let replacements: [(free: String, output: String)]

  /// The retractions of a network, one for each interval.
  public static func all(of model: Model) -> [WeightRetraction] {
    let retracted = model.formedWeights.filter { $0.weight.parametrization.retraction != nil }
    let byInterval = Dictionary(grouping: retracted) {
      $0.weight.parametrization.retraction?.interval ?? 1
    }
    return byInterval.sorted { $0.key < $1.key }.map { WeightRetraction($0.value, every: $0.key) }
  }

  private init(_ weights: [Model.Formed], every interval: Int) {
    self.interval = interval
    let builder = GraphBuilder("retract_weights")
    replacements = weights.map { weight in
      let output = "\(weight.freeName)/retracted"
      let free = builder.input(
        weight.freeName, weight.weight.free.shape, isPersistent: true, place: weight.node.span)
      let retraction = weight.weight.parametrization.retraction
      builder.output(output, retraction?.retracted(free) ?? free)
      return (weight.freeName, output)
    }
    graph = builder.graph.simplified()
  }
}
