import ArgumentParser
import Commands

/// Options that every command on a spec takes.
struct SpecOptions: ParsableArguments {
  @Argument(help: "The spec (a YAML file).")
  var spec: String

  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Override a value of the spec (repeatable).", valueName: "path.to.key=value"))
  var overrides: [String] = []

  @Option(help: "Override the spec's 'train.seed'.")
  var seed: Int?

  @Option(
    help: ArgumentHelp(
      "Override the spec's 'certify.effort': \(Invocation.efforts.joined(separator: ", ")).",
      valueName: "effort"))
  var effort: String?

  @Option(help: "The weights to report on, certify, or start training from (safetensors or npz).")
  var weights: String?

  @Flag(help: "Take weights that fit in shape but not in name in the order that the error states.")
  var rename = false

  @OptionGroup var engine: EngineOptions

  func validate() throws {
    try require(seed: seed)
    if let effort, !Invocation.efforts.contains(effort) {
      throw ValidationError(
        "'--effort' must be one of \(Invocation.efforts.joined(separator: ", ")), found '\(effort)'"
      )
    }
    for text in overrides where !text.contains("=") {
      throw ValidationError("'--set' must be 'path.to.key=value', found '\(text)'")
    }
  }

  /// The options in the form that commands take.
  var invocation: Invocation {
    var invocation = Invocation(
      specPath: spec, overrides: overrides + (effort.map { ["certify.effort=\($0)"] } ?? []),
      seed: seed, weightsPath: weights, device: engine.device,
      threads: engine.threads, devices: engine.devices, isJSON: engine.json, isQuiet: engine.quiet,
      color: engine.color)
    invocation.renamesWeights = rename
    return invocation
  }
}
