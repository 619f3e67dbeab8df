import ModelIR
import TensorGraph

/// The graph that computes images of points under a part of a network.
struct PartGraph: Sendable {
  /// Fed: the points, [N, …].
  static let points = "points"
  /// Returned: their images, [N, …].
  static let images = "images"

  /// Parameters are persistent inputs.
  let graph: Graph

  /// The full names of the parameters that graphs of a part have as inputs.
  static func parameters(of part: NetworkPart, in model: Model) -> [String] {
    switch part {
    case .layer(let index):
      model.nodes[index].parameters.map { "\(model.nodes[index].name).\($0.name)" }
    case .upTo, .logits: model.parameters.map(\.name)
    }
  }

  init(_ part: NetworkPart, of model: Model, batch: Int) {
    let builder = GraphBuilder("part")
    let points = builder.input(PartGraph.points, [batch] + part.inputShape(in: model))
    builder.output(PartGraph.images, part.images(of: points, in: model))
    graph = builder.graph.simplified()
  }
}
