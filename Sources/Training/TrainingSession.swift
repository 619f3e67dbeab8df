import Compiler
import Diagnostics
import Execution
import FileFormats
import Files
import ModelIR
import TensorGraph

/// One training run with its files: checkpoints, metrics, progress, interruption.
public struct TrainingSession {
  /// The result of a finished run.
  public struct Outcome {
    /// The trained parameters and statistics.
    public let weights: Weights
    /// How training went.
    public let record: TrainingRecord
  }

  private let compilation: Compilation
  private let train: TrainSpec
  /// The run folder.
  public let folder: RunFolder
  private let step: TrainingStep
  private let trainer: Trainer
  private let validation: Validation?
  private let fingerprint: String
  private let firstStep: Int
  private let total: Int
  private let log: MetricsLog
  private let events: EventLog?

  /// Prepares the data, the compiled step and the state; throws ``Failure``.
  ///
  /// The folder is created only after all input is read and checked; results of an earlier run in it are
  /// removed.
  ///
  /// - Parameters:
  ///   - source: the spec's bytes, kept in the folder.
  ///   - samples: the training samples.
  ///   - held: the samples held out for validation.
  ///   - weights: the initial weights of a fresh run; nil for the seeded ones.
  ///   - path: the run folder.
  ///   - isResumed: whether to continue from the folder's checkpoint; the number of epochs may differ.
  ///   - overwrites: whether to replace a run of another spec in the folder.
  ///   - isProfiled: whether to time the steps' operations.
  public init(
    _ compilation: Compilation, _ train: TrainSpec, source: [UInt8], samples: SampleSet,
    validation held: SampleSet?, from weights: Weights?, backend: any Backend, folder path: String,
    isResumed: Bool, overwrites: Bool = false, isProfiled: Bool = false
  ) throws {
    let step = TrainingStep(compilation, train)
    fingerprint = String(
      CounterRandom.stream(
        seed: try samples.digest(), compilation.spec.withoutResumableKeys.yaml()), radix: 16)
    let start = InitialState(
      compilation, step: step, weights: weights, samples: samples)
    let fresh = isResumed ? nil : try start.fresh()
    if isResumed { _ = try RunFolder(existing: path) }
    folder = try RunFolder(creating: path, isExclusive: true)
    if !isResumed, !overwrites { try folder.requireSameSpec(as: compilation.spec) }
    let state = try fresh ?? start.resumed(from: folder, fingerprint: fingerprint)
    let executable = try backend.compile(step.graph, for: step.purpose)
    trainer = Trainer(
      executable, plan: TrainingPlan(train, seed: compilation.seed), samples: samples,
      adversary: try train.adversarial.map {
        try AdversarialTraining(
          $0, compilation, of: executable, batch: train.batch, backend: backend)
      },
      retractions: try WeightRetraction.all(of: compilation.model).map {
        try RetractionStep($0, of: executable, on: backend)
      }, from: state, isProfiled: isProfiled)
    validation = try held.map {
      try Validation(model: compilation.model, samples: $0, backend: backend)
    }
    self.compilation = compilation
    self.train = train
    self.step = step
    firstStep = state.step
    total = train.epochs * trainer.stepsPerEpoch
    guard firstStep <= total else {
      throw Failure(
        .error(
          .train, "epochs",
          "the checkpoint has \(firstStep / trainer.stepsPerEpoch) epochs, more than 'epochs: \(train.epochs)'",
          at: train.span, help: "raise 'epochs', or start over without '--resume'"))
    }
    log = try MetricsLog(
      folder.path(of: .metrics), keeping: state.step / trainer.stepsPerEpoch)
    folder.removeResults()
    if !isResumed { for file in [RunFolder.File.journal, .events] { folder.remove(file) } }
    events =
      train.logs.contains(.tensorboard)
      ? try EventLog(folder.path(of: .events), of: log.kept) : nil
    try folder.write(source, as: .spec)
    try folder.write(resolved: compilation.spec)
  }

  /// The steps of the whole run, and those already done.
  public var steps: (total: Int, done: Int) { (total, firstStep) }

  /// Trains to the end and writes the weights; nil after writing a checkpoint if interrupted.
  public mutating func run(
    isInterrupted: () -> Bool = { false }, onStep: (Trainer.Progress) -> Void = { _ in }
  ) throws -> Outcome? {
    let start = ContinuousClock.now - .seconds(log.seconds)
    while !trainer.isFinished {
      let stops = isInterrupted()
      if stops, !trainer.isAhead {
        try writeCheckpoint(of: trainer.snapshot())
        return nil
      }
      let now = try trainer.advance(startingNext: !stops)
      try requireFinite(now)
      onStep(now)
      if now.endsEpoch { try endEpoch(now, seconds: (ContinuousClock.now - start) / .seconds(1)) }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let weights = try parameters(of: trainer.snapshot())
    try folder.write(weights: weights)
    return Outcome(
      weights: weights,
      record: TrainingRecord(
        epochs: train.epochs, steps: total, seconds: seconds,
        imagesPerSecond: seconds > 0 ? Double(total * train.batch) / seconds : 0,
        profile: trainer.profile))
  }

  /// Adds the numbers of the result to the run's logs for other tools; throws `file.unwritable`.
  public func log(result scalars: [(tag: String, value: Double)]) throws(Failure) {
    try events?.append(scalars, step: total)
  }

  private func endEpoch(_ progress: Trainer.Progress, seconds: Double) throws {
    let state = trainer.snapshot()
    let accuracy = try validation?.accuracy(of: state.tensors(averagedBy: step.averages))
    let line = progress.metrics(validationAccuracy: accuracy, seconds: seconds)
    try log.append(line)
    try events?.append(line)
    try writeCheckpoint(of: state)
  }

  private func writeCheckpoint(of state: TrainingState) throws {
    try requireFinite(state)
    let checkpoint = Checkpoint(state, fingerprint: fingerprint)
    try folder.write(Safetensors.encode(checkpoint.contents), as: .checkpoint)
  }

  private func parameters(of state: TrainingState) throws(Failure) -> Weights {
    let names = Set(compilation.model.parameters.map(\.name))
    let tensors = state.tensors(averagedBy: step.averages)
    let weights = Weights(tensors.filter { names.contains($0.key) })
    return try StoredWeights.complete(weights, from: tensors, compilation)
  }

  private func requireFinite(_ progress: Trainer.Progress) throws(Failure) {
    guard !progress.loss.isFinite || !progress.lipschitz.isFinite else { return }
    throw divergence(
      at: progress.step,
      "loss \(NumberText.significant(progress.loss)),"
        + " Lipschitz estimate \(NumberText.significant(progress.lipschitz))")
  }

  /// The last update may have left numbers that no later step has used.
  private func requireFinite(_ state: TrainingState) throws(Failure) {
    for name in state.tensors.keys.sorted() {
      guard let tensor = state.tensors[name], !tensor.elements.allSatisfy(\.isFinite) else {
        continue
      }
      throw divergence(at: state.step, "'\(name)' is not finite")
    }
  }

  private func divergence(at step: Int, _ symptom: String) -> Failure {
    Failure(
      .error(
        .train, "diverged", "training diverged at step \(step): \(symptom)", at: train.span,
        help: "lower the learning rate or the margin weight 'c', or let a schedule raise 'c' slowly"
      ))
  }
}

extension TrainingPlan {
  init(_ train: TrainSpec, seed: UInt64) {
    let (margin, baseMargin) = (train.marginSchedule.value, train.loss.value.marginWeight ?? 0)
    let epochs = train.epochs
    self.init(
      epochs: epochs, batch: train.batch, seed: seed, isShuffled: train.shuffle,
      augmentations: train.augment.map(\.value),
      learningRate: { train.learningRate(at: $0) },
      marginWeight: { margin.value(base: baseMargin, progress: $0, epochs: epochs) })
  }
}

extension Trainer.Progress {
  /// A line of `metrics.jsonl`.
  func metrics(validationAccuracy: Double?, seconds: Double) -> JSONValue {
    var entries: [(String, JSONValue)] = [
      ("epoch", .integer(epoch)), ("step", .integer(step)), ("loss", .number(loss)),
      ("accuracy", .number(accuracy)), ("lipschitz_estimate", .number(lipschitz)),
      ("c", .number(marginWeight)), ("learning_rate", .number(learningRate)),
    ]
    if let validationAccuracy {
      entries.append(("validation_accuracy", .number(validationAccuracy)))
    }
    entries.append(("seconds", .number(seconds)))
    return .object(.init(uniqueKeysWithValues: entries))
  }
}
