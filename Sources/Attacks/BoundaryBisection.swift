import Compiler
import ModelIR
import TensorGraph

/// The graph of one bisection step between samples and adversarial points.
struct BoundaryBisection: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  enum Name {
    /// Kept: the unperturbed samples, [N, …].
    static let images = AttackStep.Name.images
    /// Kept: one-hot labels, [N, K].
    static let labels = AttackStep.Name.labels
    /// Kept: an adversarial point of each sample, [N, …].
    static let far = "far"
    /// Kept: the nearest adversarial point so far, [N, …].
    static let nearest = AttackStep.Name.nearest
    /// Kept: the largest share of the way where the point was not adversarial, [N].
    static let low = "low"
    /// Kept: the share of the way to ``nearest``, [N].
    static let high = "high"
  }

  let graph: Graph

  init(model: Model, box: AttackBox?, batch: Int) {
    let builder = GraphBuilder("boundary_bisection")
    let shape = [batch] + model.inputShape
    func keep(_ name: String, _ shape: [Int]) -> Tensor {
      builder.input(name, shape, isPersistent: true)
    }
    let original = keep(Name.images, shape)
    let labels = keep(Name.labels, [batch] + model.shape(of: model.output))
    let far = keep(Name.far, shape)
    let nearest = keep(Name.nearest, shape)
    let low = keep(Name.low, [batch])
    let high = keep(Name.high, [batch])

    let middle = (low + high) * 0.5
    let point = (original + (far - original).scaledSamples(by: middle)).confined(to: box)
    let logits = ModelGraph(model, images: point, mode: .inference).logits
    let isAdversarial = logits.misclassified(labels: labels)
    builder.output(Name.nearest, select(isAdversarial.spread(like: point), point, nearest))
    builder.output(Name.low, select(isAdversarial, low, middle))
    builder.output(Name.high, select(isAdversarial, middle, high))
    graph = builder.graph.simplified()
  }
}
