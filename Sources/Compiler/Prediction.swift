import ModelIR
import TensorGraph

/// The graph that computes logits with frozen statistics.
public struct Prediction: Sendable {
  /// Fed: a batch in input units, [N, …].
  public static let images = "images"
  /// Returned: F(x), [N, K].
  public static let logits = "logits"

  /// The graph; every parameter of the model is a persistent input.
  public let graph: Graph

  /// Builds it for a batch size.
  public init(model: Model, batch: Int) {
    let builder = GraphBuilder("predict")
    let images = builder.input(Prediction.images, [batch] + model.inputShape)
    let network = ModelGraph(model, images: images, mode: .inference)
    builder.output(Prediction.logits, network.logits)
    graph = builder.graph.simplified()
  }
}
