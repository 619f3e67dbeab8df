import Compiler
import ModelIR
import TensorGraph

/// The graph that moves one sample onto a sphere around it in the directions of a batch and says where the
/// label is no longer strictly ahead.
struct SphereStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  enum Name {
    /// Kept: the center, of the input's shape.
    static let images = AttackStep.Name.images
    /// Kept: the one-hot label, [K].
    static let labels = AttackStep.Name.labels
    /// Kept: the sphere's radius, a scalar.
    static let radii = AttackStep.Name.radii
    /// Kept: unit vectors, [N, …].
    static let directions = "directions"
    /// Returned: the points, [N, …].
    static let point = AttackStep.Name.point
    /// Returned: 1 for each point of another class, [N].
    static let isAdversarial = "is_adversarial"
  }

  let graph: Graph

  init(model: Model, batch: Int) {
    let builder = GraphBuilder("sphere_step")
    let shape = [batch] + model.inputShape
    let classes = model.shape(of: model.output)
    let center = builder.input(Name.images, model.inputShape, isPersistent: true)
    let label = builder.input(Name.labels, classes, isPersistent: true)
    let radius = builder.input(Name.radii, [], isPersistent: true)
    let directions = builder.input(Name.directions, shape, isPersistent: true)
    let centers = center.broadcast(to: shape, axes: Array(1..<shape.count))
    let labels = label.broadcast(to: [batch] + classes, axes: [1])
    let point = centers + directions * radius
    let logits = ModelGraph(model, images: point, mode: .inference).logits
    builder.output(Name.point, point)
    builder.output(Name.isAdversarial, logits.misclassified(labels: labels))
    graph = builder.graph.simplified()
  }
}
