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
    let retracted = model.formedWeights.compactMap { weight in
      weight.weight.parametrization.retraction.map { (weight, $0) }
    }
    let byInterval = Dictionary(grouping: retracted) { $0.1.interval }
    return byInterval.sorted { $0.key < $1.key }.map { WeightRetraction($0.value, every: $0.key) }
  }

  private init(_ retracted: [(Model.Formed, Retraction)], every interval: Int) {
    self.interval = interval
    let builder = GraphBuilder("retract_weights")
    replacements = retracted.map { weight, retraction in
      let output = "\(weight.freeName)/retracted"
      let free = builder.input(
        weight.freeName, weight.weight.free.shape, isPersistent: true, place: weight.node.span)
      builder.output(output, retraction.retracted(free))
      return (weight.freeName, output)
    }
    graph = builder.graph.simplified()
  }
}
