import Diagnostics
import SpecSyntax

/// The section `train`.
public struct TrainSpec: Sendable {
  /// What the network is for.
  public let task: TrainedTask
  /// Where the task is named.
  public let taskSpan: Span
  /// The loss; that of the task if left out.
  public let loss: SpecEntry<any Loss>
  /// The update rule; `adam` if left out.
  public let optimizer: SpecEntry<any Optimizer>
  /// The constraints on the weights.
  public let regularizers: [SpecEntry<any Regularizer>]
  /// The attack on each batch, if there is one.
  public let adversarial: AdversarialSpec?
  /// How training samples are changed at random, in this order.
  public let augment: [SpecEntry<any Augmentation>]
  /// The share of training samples that get the label of another class.
  public let labelNoise: Double
  /// Passes over the training data.
  public internal(set) var epochs: Int
  /// Samples in a step.
  public let batch: Int
  /// The fraction of the training data set aside for validation.
  public let validation: Double
  /// Whether the samples are shuffled for each epoch.
  public let shuffle: Bool
  /// Steps of power iteration for each step of training, per linear operator.
  public let powerIterations: Int
  /// The format of the operands of the network's products.
  public let precision: TrainedPrecision
  /// Where the precision is named.
  public let precisionSpan: Span
  /// How the estimate of the bound is composed.
  public let composition: TrainedComposition
  /// The seed of every random choice.
  public internal(set) var seed: Int
  /// The decay of the average of weights that is stored in their place; 0 for the weights themselves.
  public let average: Double
  /// The network's bound to start from; nil leaves it to the initial weights unless it is unusable.
  public let initialLipschitz: Double?
  /// Where that bound is stated.
  public let initialLipschitzSpan: Span
  /// Which files with the measured values of each epoch are written for other tools.
  public internal(set) var logs: [TrainingLog]
  /// How the learning rate changes.
  public let learningRateSchedule: SpecEntry<ScheduleSpec>
  /// Epochs in which the learning rate rises from 0 to its schedule.
  public let warmup: Double
  /// How the margin weight c changes.
  public let marginSchedule: SpecEntry<ScheduleSpec>
  /// Where the section begins.
  public let span: Span

  /// Reads the keys; nil after a diagnostic.
  init?(from reader: inout ConfigReader, _ registry: Registry) {
    task = reader.read("task", default: .classifier, "what the network is for")
    taskSpan = reader.span(of: "task")
    let loss = reader.entry("loss", default: task.defaultLoss, "the loss", from: registry.losses)
    let optimizer = reader.entry(
      "optimizer", default: "adam", "the update rule", from: registry.optimizers)
    regularizers = reader.entries(
      "regularizers", "constraints on the weights", from: registry.regularizers)
    let attacked = reader.node("adversarial", "mapping", "an attack on each batch before its step")
    adversarial = attacked.flatMap { node in
      node.isNull
        ? nil
        : reader.nested("adversarial", node, at: node.span) {
          AdversarialSpec(from: &$0, registry)
        }
    }
    augment = reader.entries(
      "augment", "random changes of training samples", from: registry.augmentations)
    labelNoise = reader.read(
      "label_noise", default: 0,
      "the share of the training samples that get the label of another class", .range(0...1))
    epochs = reader.read("epochs", default: 20, "passes over the training data", .count)
    batch = reader.read("batch", default: 50, "samples in a step", .count)
    validation = reader.read(
      "validation", default: 0, "the fraction of the training data set aside for validation",
      .fraction)
    shuffle = reader.read(
      "shuffle", default: true, "whether the samples are shuffled for each epoch")
    powerIterations = reader.read(
      "power_iterations", default: 1,
      "steps of power iteration for each step of training, per linear operator", .range(1...100))
    precision = reader.read(
      "precision", default: .float32, "the format of the operands of the network's products")
    precisionSpan = reader.span(of: "precision")
    composition = reader.read(
      "composition", default: .regions, "how the estimate of the bound is composed")
    average = reader.read(
      "average", default: 0,
      "the decay of a moving average of the weights, which is certified in their place; 0: the weights",
      .fraction)
    initialLipschitz = reader.readIfPresent(
      SpecKey(
        "initial_lipschitz",
        "the Lipschitz bound to start from: all free weights are multiplied by one factor",
        .positive), otherwise: "10 where it would be above 1000 and the loss has a margin `c`")
    initialLipschitzSpan = reader.span(of: "initial_lipschitz")
    seed = reader.read("seed", default: 1, "the seed of every random choice", .natural)
    logs = reader.read(
      "log", default: [],
      "files of the values of each epoch for other tools; `tensorboard`: an event file in the run folder"
    )
    let scheduled = reader.node(
      "schedule", "mapping of `learning_rate`, `warmup` and `c`",
      "how hyperparameters change over training", default: "constant")
    let schedules = reader.nested("schedule", scheduled, at: scheduled?.span ?? reader.span) {
      Self.schedules(from: &$0, loss)
    }
    span = reader.span
    guard let loss, let optimizer, let schedules else { return nil }
    self.loss = loss
    self.optimizer = optimizer
    learningRateSchedule = schedules.learningRate
    warmup = schedules.warmup
    marginSchedule = schedules.margin
  }

  /// The learning rate at a point of training, in epochs done with fractions.
  public func learningRate(at progress: Double) -> Double {
    let share = warmup > 0 ? min(1, progress / warmup) : 1
    let base = optimizer.value.learningRate
    return share * learningRateSchedule.value.value(base: base, progress: progress, epochs: epochs)
  }

  /// The schedules, and what each of them is of; nil after a diagnostic.
  static func schedules(
    from reader: inout ConfigReader, _ loss: SpecEntry<any Loss>?
  ) -> (
    learningRate: SpecEntry<ScheduleSpec>, warmup: Double, margin: SpecEntry<ScheduleSpec>
  )? {
    let rate = reader.entry(
      "learning_rate", default: "constant", "the learning rate", from: ScheduleSpec.kinds)
    let warmup = reader.read(
      "warmup", default: 0, "epochs in which the learning rate rises from 0 to its schedule",
      .nonNegative)
    let margin = reader.entry(
      "c", default: "constant", "the margin weight", from: ScheduleSpec.kinds)
    guard let rate, let margin else { return nil }
    if let loss, loss.value.marginWeight == nil, margin.value != .constant {
      reader.report(
        .error(
          .spec, "schedule", "the loss '\(loss.kind)' has no margin weight 'c' to vary",
          at: margin.span, help: "use the loss 'lmt', or remove the schedule"))
    }
    return (rate, warmup, margin)
  }
}
