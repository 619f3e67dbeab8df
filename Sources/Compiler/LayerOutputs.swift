import ModelIR
import TensorGraph

/// The graph that computes every layer's output for a batch.
public struct LayerOutputs: Sendable {
  /// Fed: the inputs, [N, …].
  public static let images = Prediction.images
  /// Returned: a layer's output, [N, …].
  public static func name(_ index: Int) -> String { "layer \(index)" }

  /// The graph; parameters are persistent inputs.
  public let graph: Graph

  /// Builds it for a batch size.
  public init(model: Model, batch: Int) {
    let builder = GraphBuilder("layer_outputs")
    let images = builder.input(LayerOutputs.images, [batch] + model.inputShape)
    let network = ModelGraph(model, images: images, mode: .inference)
    for (index, value) in network.layers.enumerated() {
      builder.output(LayerOutputs.name(index), value)
    }
    graph = builder.graph.simplified()
  }
}
