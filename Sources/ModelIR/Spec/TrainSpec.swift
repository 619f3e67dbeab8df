import Diagnostics
import SpecSyntax

/// The section `train`.
public struct TrainSpec: Sendable {
  /// The loss; `cross_entropy` if left out.
  public let loss: SpecEntry<any Loss>
  /// The update rule; `adam` if left out.
  public let optimizer: SpecEntry<any Optimizer>
  /// What pulls on the weights beside the loss.
  public let regularizers: [SpecEntry<any Regularizer>]
  /// The attack on each batch, if there is one.
  public let adversarial: AdversarialSpec?
  /// How training samples are changed at random, in this order.
  public let augment: [SpecEntry<any Augmentation>]
  /// The share of training samples that get the label of another class.
  public let labelNoise: Double
  /// Passes over the training data.
  public let epochs: Int
  /// Samples in a step.
  public let batch: Int
  /// The fraction of the training data set aside to watch, never the test data.
  public let validation: Double
  /// Whether each epoch has an order of its own.
  public let shuffle: Bool
  /// Steps of power iteration for each step of training, per linear operator.
  public let powerIterations: Int
  /// How the estimate of the bound is composed.
  public let composition: TrainedComposition
  /// What every random choice derives from.
  public internal(set) var seed: Int
  /// How the learning rate changes.
  public let learningRateSchedule: SpecEntry<ScheduleSpec>
  /// How the margin weight c changes.
  public let marginSchedule: SpecEntry<ScheduleSpec>
  /// Where the section begins.
  public let span: Span

  enum Keys {
    static let epochs = SpecKey<Int>("epochs", default: 20, "passes over the training data", .count)
    static let batch = SpecKey<Int>("batch", default: 50, "samples in a step", .count)
    static let validation = SpecKey<Double>(
      "validation", default: 0, "the fraction of the training data set aside to watch", .fraction)
    static let labelNoise = SpecKey<Double>(
      "label_noise", default: 0,
      "the share of the samples trained on that get the label of another class",
      .init("at least 0 and at most 1") { (0...1).contains($0) })
    static let shuffle = SpecKey<Bool>(
      "shuffle", default: true, "whether each epoch has an order of its own")
    static let powerIterations = SpecKey<Int>(
      "power_iterations", default: 1,
      "steps of power iteration for each step of training, per linear operator",
      .init("at least 1 and at most 100") { (1...100).contains($0) })
    static let composition = SpecKey<TrainedComposition>(
      "composition", default: .regions, "how the estimate of the bound is composed")
    static let seed = SpecKey<Int>(
      "seed", default: 1, "what every random choice derives from", .natural)
  }

  /// The keys, in the order of the manual.
  public static let keys: [SpecKeyDescription] = [
    .structure("loss", "loss", "the loss", default: "cross_entropy"),
    .structure("optimizer", "optimizer", "the update rule", default: "adam"),
    .structure(
      "regularizers", "list of regularizers", "what pulls on the weights beside the loss",
      default: "[]"),
    .structure("adversarial", "mapping", "an attack on each batch before its step"),
    .structure(
      "augment", "list of augmentations", "random changes of training samples", default: "[]"),
    Keys.labelNoise.description,
    Keys.epochs.description, Keys.batch.description, Keys.validation.description,
    Keys.shuffle.description, Keys.powerIterations.description,
    Keys.composition.description, Keys.seed.description,
    .structure(
      "schedule", "mapping of `learning_rate` and `c` to schedules",
      "how hyperparameters change over training", default: "constant"),
  ]
}

extension SpecDecoder {
  /// Reads `train`; nil after a diagnostic.
  mutating func decodeTrain(_ pair: YAMLNode.Pair) -> TrainSpec? {
    guard !pair.value.isFaulty else { return nil }
    var reader = ConfigReader(kind: "train", span: pair.key.span, value: pair.value, mainKey: nil)
    let lossNode = reader.node("loss")
    let optimizerNode = reader.node("optimizer")
    let regularizerNode = reader.node("regularizers")
    let adversarialNode = reader.node("adversarial").flatMap { $0.isNull ? nil : $0 }
    let augmentNode = reader.node("augment")
    let scheduleNode = reader.node("schedule")
    let labelNoise = reader.read(TrainSpec.Keys.labelNoise)
    let epochs = reader.read(TrainSpec.Keys.epochs)
    let batch = reader.read(TrainSpec.Keys.batch)
    let validation = reader.read(TrainSpec.Keys.validation)
    let shuffle = reader.read(TrainSpec.Keys.shuffle)
    let powerIterations = reader.read(TrainSpec.Keys.powerIterations)
    let composition = reader.read(TrainSpec.Keys.composition)
    let seed = reader.read(TrainSpec.Keys.seed)
    reader.finish()
    diagnostics += reader.diagnostics

    let span = pair.key.span
    let loss = entry(lossNode, default: "cross_entropy", at: span, registry.lossChoice)
    let optimizer = entry(optimizerNode, default: "adam", at: span, registry.optimizerChoice)
    let regularizers = entries(
      regularizerNode, key: "regularizers", registry.regularizerChoice)
    let adversarial = adversarialNode.flatMap { decodeAdversarial($0) }
    let augment = entries(augmentNode, key: "augment", registry.augmentationChoice)
    let schedules = schedules(scheduleNode, loss, at: span)
    guard let loss, let optimizer, let regularizers, let augment, let labelNoise,
      let epochs, let batch, let validation,
      let shuffle, let powerIterations, let composition, let seed, let schedules
    else { return nil }
    return TrainSpec(
      loss: loss, optimizer: optimizer, regularizers: regularizers,
      adversarial: adversarial, augment: augment,
      labelNoise: labelNoise, epochs: epochs, batch: batch, validation: validation,
      shuffle: shuffle, powerIterations: powerIterations, composition: composition, seed: seed,
      learningRateSchedule: schedules.learningRate,
      marginSchedule: schedules.margin, span: span)
  }

  private mutating func schedules(
    _ node: YAMLNode?, _ loss: SpecEntry<any Loss>?, at span: Span
  ) -> (learningRate: SpecEntry<ScheduleSpec>, margin: SpecEntry<ScheduleSpec>)? {
    if node?.isFaulty == true { return nil }
    var reader = ConfigReader(
      kind: "schedule", span: node?.span ?? span, value: node, mainKey: nil)
    let rateNode = reader.node("learning_rate")
    let marginNode = reader.node("c")
    reader.finish()
    diagnostics += reader.diagnostics
    let rate = entry(rateNode, default: "constant", at: span, ScheduleSpec.choice)
    let margin = entry(marginNode, default: "constant", at: span, ScheduleSpec.choice)
    if let loss, loss.value.marginWeight == nil, let margin, margin.value != .constant {
      diagnostics.append(
        .error(
          .spec, "schedule", "the loss '\(loss.kind)' has no margin weight 'c' to vary",
          at: margin.span, help: "use the loss 'lmt', or remove the schedule"))
      return nil
    }
    guard let rate, let margin else { return nil }
    return (rate, margin)
  }
}
