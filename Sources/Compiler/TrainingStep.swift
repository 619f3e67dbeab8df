import BoundAlgebra
import Enclosure
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
    /// Returned: the batch's mean loss, without the regularisers' terms.
    public static let loss = "loss"
    /// Returned: how many samples of the batch were classified right.
    public static let correct = "correct"
    /// Returned: the estimate of the network's Lipschitz constant.
    public static let lipschitz = "lipschitz"
  }

  /// The step.
  public let graph: Graph
  /// Kept tensors that start at random directions: the power-iteration vectors.
  public let powerVectors: [String]
  /// Kept tensors that start at 0: the optimiser's.
  public let slots: [String]

  /// Builds the step that a spec's section `train` describes.
  public init(_ compilation: Compilation, _ train: TrainSpec) {
    let (model, bounds, batch) = (compilation.model, compilation.bounds, train.batch)
    let regularization = Regularization(train.regularizers.map(\.value), of: bounds)
    var builder = GraphBuilder("train_step")
    let images = builder.input(Name.images, [batch] + model.inputShape)
    let labels = builder.input(Name.labels, [batch] + model.shape(of: model.output))
    let learningRate = builder.input(Name.learningRate, [])
    let marginWeight = builder.input(Name.marginWeight, [])
    let done = builder.input(Name.step, [], isPersistent: true)
    let one = builder.splat(1)
    let step = builder.add(done, one)
    builder.output(Name.step, step)

    let network = ModelGraph(
      model, images: images, mode: .training(counter: step, seed: compilation.seed),
      into: &builder)
    let estimate = BoundEstimate(
      model, bounds, train, normsOf: regularization.normedOperators,
      operands: network.boundOperands, counter: step, seed: compilation.seed, into: &builder)
    var context = LossContext(
      builder: builder, logits: network.logits, labels: labels, networkBound: estimate.network,
      head: estimate.head, marginWeight: marginWeight)
    let lossValue = train.loss.value.lower(&context)
    builder = context.builder

    builder.output(Name.loss, lossValue)
    builder.output(
      Name.correct, TrainingStep.correct(network.logits, labels, into: &builder))
    builder.output(Name.lipschitz, estimate.network)
    let penalty = regularization.penalty(
      weights: network.boundOperands, norms: estimate.norms, into: &builder)
    let objective = penalty.map { builder.add(lossValue, $0) } ?? lossValue
    slots = TrainingStep.appendUpdates(
      network, objective: objective, optimizer: train.optimizer.value, regularization,
      learningRate: learningRate, step: step, into: &builder)
    powerVectors = estimate.vectors
    graph = builder.graph.simplified()
  }

  /// Counts the samples whose labelled logit is strictly the largest.
  static func correct(
    _ logits: Value, _ labels: Value, into builder: inout GraphBuilder
  ) -> Value {
    let isLabel = builder.compare(.greater, labels, builder.splat(0))
    let lowest = builder.splat(-Double(Float.greatestFiniteMagnitude), like: logits)
    let others = builder.select(isLabel, lowest, logits)
    let own = builder.select(isLabel, logits, lowest)
    let best = builder.maximum(of: others, axes: [1])
    let label = builder.maximum(of: own, axes: [1])
    return builder.sum(builder.compare(.greater, label, best))
  }

  private static func appendUpdates(
    _ network: ModelGraph, objective: Value, optimizer: any Optimizer,
    _ regularization: Regularization, learningRate: Value, step: Value,
    into builder: inout GraphBuilder
  ) -> [String] {
    let trained = network.parameters.filter { $0.declaration.role != .statistic }
    let gradients = builder.gradients(of: objective, withRespectTo: trained.map(\.value))
    var slotNames: [String] = []
    var results: [UpdatedParameter] = []
    for (parameter, gradient) in zip(trained, gradients) {
      let names = optimizer.slots.map { "\(parameter.name)/\($0)" }
      let kept = names.map {
        builder.input($0, parameter.declaration.shape, isPersistent: true)
      }
      var context = UpdateContext(
        builder: builder, parameter: parameter.value, gradient: gradient, slots: kept,
        learningRate: learningRate, step: step, decays: parameter.declaration.role == .weight)
      let (updated, next) = optimizer.update(&context)
      builder = context.builder
      let retracted = regularization.retraction(of: parameter.name, updated, into: &builder)
      results.append(
        UpdatedParameter(
          name: parameter.name, declaration: parameter.declaration, value: retracted))
      for (name, value) in zip(names, next) { builder.output(name, value) }
      slotNames += names
    }
    builder.projectConvexGroups(&results)
    for result in results { builder.output(result.name, result.value) }
    for update in network.updates { builder.output(update.name, update.value) }
    return slotNames
  }
}
