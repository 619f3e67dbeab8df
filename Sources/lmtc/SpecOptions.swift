import ArgumentParser
import Runtime

/// Options that every command on a spec takes.
struct SpecOptions: ParsableArguments {
  @Argument(help: "The spec, a YAML file.")
  var spec: String

  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Override a value before checking; repeatable.", valueName: "path.to.key=value"))
  var overrides: [String] = []

  @Option(help: "The seed, in place of the spec's 'train.seed'.")
  var seed: Int?

  @Option(help: "The weights to report, certify, or start training from (safetensors or npz).")
  var weights: String?

  @Option(help: "The engine: cpu.")
  var device: String = "cpu"

  @Option(help: "Threads of the engine; all cores by default.")
  var threads: Int?

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Flag(help: "No progress on standard error.")
  var quiet = false

  @Option(help: "Colour in diagnostics: auto, always or never.")
  var color: ColorChoice = .auto

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("'--threads' must be between 1 and 1024, found \(threads)")
    }
    if let seed, seed < 0 {
      throw ValidationError("'--seed' must be at least 0, found \(seed)")
    }
    for text in overrides where !text.contains("=") {
      throw ValidationError("'--set' must be 'path.to.key=value', found '\(text)'")
    }
  }

  /// The same for the run time.
  var invocation: Invocation {
    Invocation(
      specPath: spec, overrides: overrides, seed: seed, weightsPath: weights, device: device,
      threads: threads, isJSON: json, isQuiet: quiet, color: color)
  }
}

extension ColorChoice: ExpressibleByArgument {}
