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
  private let retractions: [RetractionStep]
  private let executable: any Executable
  private let kept: [String]
  private var state: TrainingState
  /// The steps whose progress is not known, in order.
  private var started: [StartedStep] = []
  /// The times of the steps; nil if they are not profiled.
  private(set) var profile: ExecutionProfile?

  /// A trainer that continues from a state; its tensors must fit the step's persistent inputs.
  init(
    _ executable: any Executable, plan: TrainingPlan, samples: SampleSet,
    adversary: AdversarialTraining? = nil, retractions: [RetractionStep] = [],
    from state: TrainingState, isProfiled: Bool = false
  ) {
    self.plan = plan
    self.adversary = adversary
    self.retractions = retractions
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

  /// Whether steps were started whose progress is not known: there is no state until it is.
  var isAhead: Bool { !started.isEmpty }

  /// The state with the current tensors; traps where steps were started ahead.
  func snapshot() -> TrainingState {
    precondition(!isAhead, "the tensors are those of a later step")
    for name in kept { state.tensors[name] = executable.current(name) }
    return state
  }

  /// Makes a step.
  ///
  /// - Parameter startsNext: whether following steps of the epoch may be started before the results of this one are
  ///   read, as many as the engine takes, so that the device need not wait.
  func advance(startingNext startsNext: Bool = false) throws -> Progress {
    let most = startsNext && profile == nil ? executable.mostStarted : 1
    let end = (state.step / stepsPerEpoch + 1) * stepsPerEpoch
    while started.count < most, state.step + started.count < end {
      started.append(try start(state.step + started.count))
    }
    return try finish(started.removeFirst())
  }

  /// A step whose results have not been read.
  private struct StartedStep {
    let learningRate: Double
    let marginWeight: Double
    /// Loss, correct classifications and Lipschitz estimate.
    let results: () throws -> [Double]
  }

  /// Feeds a step, counted from 0, and starts it.
  private func start(_ number: Int) throws -> StartedStep {
    let position = Double(number) / Double(stepsPerEpoch)
    let batch = try feed.batch(number)
    let learningRate = plan.learningRate(position)
    let marginWeight = plan.marginWeight(position)
    executable.withInput(TrainingStep.Name.images) {
      _ = $0.update(fromContentsOf: batch.images)
    }
    executable.withInput(TrainingStep.Name.labels) {
      _ = $0.update(fromContentsOf: batch.labels)
    }
    try adversary?.perturb(number: number)
    executable.withInput(TrainingStep.Name.learningRate) { $0[0] = Float(learningRate) }
    executable.withInput(TrainingStep.Name.marginWeight) { $0[0] = Float(marginWeight) }
    try execute()
    let results = try executable.pendingScalars([
      TrainingStep.Name.loss, TrainingStep.Name.correct, TrainingStep.Name.lipschitz,
    ])
    for retraction in retractions { try retract(retraction, after: number + 1) }
    return StartedStep(learningRate: learningRate, marginWeight: marginWeight, results: results)
  }

  private func execute() throws {
    if profile == nil {
      try executable.start()
    } else {
      try executable.execute(timing: &profile!)
    }
  }

  private func retract(_ retraction: RetractionStep, after number: Int) throws {
    if profile == nil {
      try retraction.retract(after: number)
    } else {
      try profile!.record(kind: "retraction", retraction.summary) {
        try retraction.retract(after: number)
      }
    }
  }

  /// Waits for a step and counts it.
  private func finish(_ step: StartedStep) throws -> Progress {
    let results = try step.results()
    if state.step % stepsPerEpoch == 0 { (state.epochLoss, state.epochCorrect) = (0, 0) }
    state.step += 1
    state.epochLoss += results[0]
    state.epochCorrect += results[1]
    let done = Double((state.step - 1) % stepsPerEpoch + 1)
    return Progress(
      step: state.step, stepsPerEpoch: stepsPerEpoch, loss: state.epochLoss / done,
      accuracy: state.epochCorrect / (done * Double(plan.batch)), lipschitz: results[2],
      marginWeight: step.marginWeight, learningRate: step.learningRate)
  }
}
