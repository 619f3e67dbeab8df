import ArgumentParser
import Commands

/// The arguments of `lmtc audit`.
struct AuditArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Search for counterexamples to the certificates of a run folder.")

  @Argument(help: "The run folder, or its certificate.json.")
  var folder: String

  @Option(help: "The total number of random perturbations.")
  var samples: Int = 100_000

  @Option(help: "Override the spec's 'train.seed'.")
  var seed: Int?

  @OptionGroup var engine: EngineOptions

  func validate() throws {
    if !(0...1_000_000_000_000).contains(samples) {
      throw ValidationError("'--samples' must be between 0 and 10¹², found \(samples)")
    }
    try require(seed: seed)
  }

  func run() throws {
    let invocation = Invocation(
      specPath: folder, seed: seed, device: engine.device, threads: engine.threads,
      devices: engine.devices,
      isJSON: engine.json, isQuiet: engine.quiet, color: engine.color)
    try finish {
      try AuditCommand(invocation, backends: Engines.all, folder: folder, samples: samples).run()
    }
  }
}
