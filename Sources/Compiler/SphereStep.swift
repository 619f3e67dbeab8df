import ModelIR
import TensorGraph

/// The graph that moves each sample of a batch onto a sphere around it in a random direction and says whether
/// the label is still strictly ahead.
public struct SphereStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  public enum Name {
    /// Kept: the centres, [N, …].
    public static let images = AttackStep.Name.images
    /// Kept: one-hot labels, [N, K].
    public static let labels = AttackStep.Name.labels
    /// Kept: the spheres' radii, [N].
    public static let radii = AttackStep.Name.radii
    /// Fed: a number that no other step has.
    public static let counter = AttackStep.Name.counter
    /// Returned: the points, [N, …].
    public static let point = AttackStep.Name.point
    /// Returned: 1 for each point of another class, [N].
    public static let isAdversarial = "is_adversarial"
  }

  /// The step.
  public let graph: Graph

  /// Builds it for a batch size.
  public init(model: Model, batch: Int, seed: UInt64) {
    var builder = GraphBuilder("sphere_step")
    let shape = [batch] + model.inputShape
    let centre = builder.input(Name.images, shape, isPersistent: true)
    let labels = builder.input(
      Name.labels, [batch] + model.shape(of: model.output), isPersistent: true)
    let radii = builder.input(Name.radii, [batch], isPersistent: true)
    let counter = builder.input(Name.counter, [])
    let stream = CounterRandom.stream(seed: seed, "sphere")
    let noise = builder.apply(.random(stream: stream), [counter], as: builder.type(centre))
    let point = builder.onSphere(noise, around: centre, radii: radii)
    let network = ModelGraph(model, images: point, mode: .inference, into: &builder)
    builder.output(Name.point, point)
    builder.output(
      Name.isAdversarial, builder.misclassified(network.logits, labels: labels))
    graph = builder.graph.simplified()
  }
}
