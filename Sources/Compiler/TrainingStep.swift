import BoundAlgebra
import Enclosure
import Execution
import ModelIR
import TensorGraph

/// The graph of one training step: forward, bound, loss, gradients, update.
public struct TrainingStep: Sendable {
  /// Names of the graph's inputs and outputs that are not parameters.
  public enum Name {
    /// Fed: a batch in input units, [N, …].
    public static let images = "images"
    /// Fed: one-hot labels, [N, K].
    public static let labels = "labels"
    /// Fed: the learning rate of this step.
    public static let learningRate = "learning_rate"
    /// Fed: the margin weight c of this step.
    public static let marginWeight = "margin_weight"
    /// Kept: the number of steps done.
    public static let step = "step"
    /// Returned: the batch's mean loss, without the regularizers' terms.
    public static let loss = "loss"
    /// Returned: how many samples of the batch were classified correctly.
    public static let correct = "correct"
    /// Returned: the estimate of the network's Lipschitz constant.
    public static let lipschitz = "lipschitz"
  }

  /// The step.
  public let graph: Graph
  /// What engines compile the graph for.
  public let purpose: ExecutionPurpose
  /// Kept tensors that start at random directions: the power-iteration vectors.
  public let powerVectors: [String]
  /// Kept tensors that start at 0: the optimizer's.
  public let slots: [String]
  /// Parameters in whose place their averages are stored, by the names of the kept averages.
  public let averages: [String: String]

  /// Builds the step that a spec's section `train` describes.
  public init(_ compilation: Compilation, _ train: TrainSpec) {
    let (model, bounds, batch) = (compilation.model, compilation.bounds, train.batch)
    purpose = train.purpose
    let regularization = Regularization(train.regularizers.map(\.value), of: bounds)
    let builder = GraphBuilder("train_step")
    let images = builder.input(Name.images, [batch] + model.inputShape)
    let labels = builder.input(Name.labels, [batch] + model.shape(of: model.output))
    let learningRate = builder.input(Name.learningRate, [])
    let marginWeight = builder.input(Name.marginWeight, [])
    let step = builder.input(Name.step, [], isPersistent: true) + 1
    builder.output(Name.step, step)

    let network = ModelGraph(
      model, images: images, mode: .training(counter: step, seed: compilation.seed),
      precision: train.precision)
    let estimate = BoundEstimate(
      model, bounds, train, normsOf: regularization.normedOperators,
      operands: network.boundOperands, counter: step, seed: compilation.seed)
    let loss = train.loss.value.lower(
      LossContext(
        builder: builder, logits: network.logits, labels: labels,
        networkBound: estimate.network, head: estimate.head, marginWeight: marginWeight))
    builder.output(Name.loss, loss)
    builder.output(Name.correct, Self.correct(network.logits, labels))
    builder.output(Name.lipschitz, estimate.network)

    let penalty = regularization.penalty(weights: network.boundOperands, norms: estimate.norms)
    slots = Self.appendUpdates(
      network, objective: penalty.map { loss + $0 } ?? loss, optimizer: train.optimizer.value,
      regularization, learningRate: learningRate, step: step)
    powerVectors = estimate.vectors
    averages = Self.appendAverages(builder, of: network, decay: train.average, step: step)
    graph = builder.graph.simplified().withFactoredSums().simplified().withShorterProducts()
      .simplified()
  }

  /// Counts the samples whose label's logit is strictly the largest.
  private static func correct(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    let lowest = -Double(Float.greatestFiniteMagnitude)
    let others = logits.withoutLabels(labels)
    let own = select(labels .> 0, logits, lowest)
    let (best, label) = (others.maximum(axes: [1]), own.maximum(axes: [1]))
    return (label .> best).sum()
  }

  /// Appends the averages of every parameter and statistic; returns their names.
  private static func appendAverages(
    _ builder: GraphBuilder, of network: ModelGraph, decay: Double, step: Tensor
  ) -> [String: String] {
    guard decay > 0 else { return [:] }
    let average = WeightAverage(decay: decay, step: step)
    var names: [String: String] = [:]
    let parameters = Set(network.parameters.map(\.name))
    for output in builder.graph.outputs where parameters.contains(output.name) {
      average.append(output.name, builder.tensor(output.value))
      names[output.name] = WeightAverage.name(of: output.name)
    }
    return names
  }

  /// Appends the update of every parameter and statistic; returns the names of the optimizer's kept
  /// tensors.
  private static func appendUpdates(
    _ network: ModelGraph, objective: Tensor, optimizer: any Optimizer,
    _ regularization: Regularization, learningRate: Tensor, step: Tensor
  ) -> [String] {
    let builder = objective.builder
    let trained = network.parameters.filter { $0.declaration.role != .statistic }
    let gradients = objective.gradients(withRespectTo: trained.map(\.value))
    var slotNames: [String] = []
    var results: [UpdatedParameter] = []
    for (parameter, gradient) in zip(trained, gradients) {
      let (name, declaration) = (parameter.name, parameter.declaration)
      let names = optimizer.slots.map { "\(name)/\($0)" }
      let kept = names.map { builder.input($0, declaration.shape, isPersistent: true) }
      let (updated, next) = optimizer.update(
        UpdateContext(
          builder: builder, parameter: parameter.value, gradient: gradient, slots: kept,
          learningRate: learningRate, step: step, decays: declaration.role == .weight))
      let retracted = regularization.retraction(of: name, updated)
      results.append(UpdatedParameter(name: name, declaration: declaration, value: retracted))
      for (name, value) in zip(names, next) { builder.output(name, value) }
      slotNames += names
    }
    results.projectConvexGroups()
    for result in results { builder.output(result.name, result.value) }
    for update in network.updates { builder.output(update.name, update.value) }
    return slotNames
  }
}

extension TrainSpec {
  /// What engines compile training steps for.
  public var purpose: ExecutionPurpose {
    switch precision {
    case .float32, .bfloat16: .training
    case .tf32: .trainingWithTF32
    }
  }
}
