import Compiler
import Execution
import Files
import ModelIR

/// The parameters of a training run that are not part of the graph.
struct TrainingPlan: Sendable {
  /// Passes over the data.
  var epochs: Int
  /// Samples a step.
  var batch: Int
  var seed: UInt64
  /// Whether each epoch visits the samples in another order.
  var isShuffled: Bool
  /// How the samples of each batch are changed at random.
  var augmentations: [any Augmentation]
  /// The learning rate after a fractional number of epochs.
  var learningRate: @Sendable (Double) -> Double
  /// The margin weight c after a fractional number of epochs.
  var marginWeight: @Sendable (Double) -> Double

  init(
    epochs: Int, batch: Int, seed: UInt64, isShuffled: Bool,
    augmentations: [any Augmentation] = [], learningRate: @escaping @Sendable (Double) -> Double,
    marginWeight: @escaping @Sendable (Double) -> Double
  ) {
    self.epochs = epochs
    self.batch = batch
    self.seed = seed
    self.isShuffled = isShuffled
    self.augmentations = augmentations
    self.learningRate = learningRate
    self.marginWeight = marginWeight
  }
}

/// Runs the compiled training step over the data.
public final class Trainer {
  /// The progress of a run after a step.
  public struct Progress: Sendable {
    /// The number of steps done.
    public let step: Int
    /// The number of steps in an epoch.
    public let stepsPerEpoch: Int
    /// The mean loss of the epoch's steps so far.
    public let loss: Double
    /// The share of correct classifications in the epoch's steps so far.
    public let accuracy: Double
    /// The estimate of the Lipschitz constant.
    public let lipschitz: Double
    /// The margin weight c.
    public let marginWeight: Double
    let learningRate: Double

    /// Epochs completed.
    var epoch: Int { step / stepsPerEpoch }
    var endsEpoch: Bool { step % stepsPerEpoch == 0 }
  }

  let stepsPerEpoch: Int
  private let plan: TrainingPlan
  private let feed: BatchFeed
  private let adversary: AdversarialTraining?
  private let executable: any Executable
  private let kept: [String]
  private var state: TrainingState
  /// The times of the steps; nil if they are not profiled.
  private(set) var profile: ExecutionProfile?

  /// A trainer that continues from a state; its tensors must fit the step's persistent inputs.
  init(
    _ executable: any Executable, plan: TrainingPlan, samples: SampleSet,
    adversary: AdversarialTraining? = nil, from state: TrainingState, isProfiled: Bool = false
  ) {
    self.plan = plan
    self.adversary = adversary
    self.executable = executable
    self.state = state
    profile = isProfiled ? ExecutionProfile() : nil
    stepsPerEpoch = EpochOrder.steps(count: samples.count, batch: plan.batch)
    feed = BatchFeed(
      plan, samples: samples, stepsPerEpoch: stepsPerEpoch, steps: plan.epochs * stepsPerEpoch)
    kept = executable.graph.inputs.filter(\.isPersistent).map(\.name)
    for name in kept {
      guard let tensor = state.tensors[name] else {
        preconditionFailure("the training state lacks '\(name)'")
      }
      executable.write(name, tensor)
    }
  }

  /// Whether all epochs are done.
  var isFinished: Bool { state.step >= plan.epochs * stepsPerEpoch }

  /// The state with the current tensors.
  func snapshot() -> TrainingState {
    for name in kept { state.tensors[name] = executable.current(name) }
    return state
  }

  func advance() throws -> Progress {
    let stepInEpoch = state.step % stepsPerEpoch
    let position = Double(state.step) / Double(stepsPerEpoch)
    if stepInEpoch == 0 { (state.epochLoss, state.epochCorrect) = (0, 0) }
    let batch = try feed.batch(state.step)
    let learningRate = plan.learningRate(position)
    let marginWeight = plan.marginWeight(position)
    executable.withInput(TrainingStep.Name.images) {
      _ = $0.update(fromContentsOf: batch.images)
    }
    executable.withInput(TrainingStep.Name.labels) {
      _ = $0.update(fromContentsOf: batch.labels)
    }
    try adversary?.perturb(number: state.step)
    executable.withInput(TrainingStep.Name.learningRate) { $0[0] = Float(learningRate) }
    executable.withInput(TrainingStep.Name.marginWeight) { $0[0] = Float(marginWeight) }
    try execute()
    state.step += 1
    state.epochLoss += scalar(TrainingStep.Name.loss)
    state.epochCorrect += scalar(TrainingStep.Name.correct)
    let done = Double(stepInEpoch + 1)
    return Progress(
      step: state.step, stepsPerEpoch: stepsPerEpoch, loss: state.epochLoss / done,
      accuracy: state.epochCorrect / (done * Double(plan.batch)),
      lipschitz: scalar(TrainingStep.Name.lipschitz), marginWeight: marginWeight,
      learningRate: learningRate)
  }

  private func execute() throws {
    if profile == nil {
      try executable.execute()
    } else {
      try executable.execute(timing: &profile!)
    }
  }

  private func scalar(_ name: String) -> Double { executable.withOutput(name) { Double($0[0]) } }
}
