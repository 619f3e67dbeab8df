import ArgumentParser
import Runtime

/// `lmtc audit`.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Try to break the certificates of a run folder; exit code 3 if one breaks.")

  @Argument(help: "The run folder.")
  var folder: String

  @Option(help: "Random perturbations in all.")
  var samples: Int = 100_000

  @Option(help: "The seed, in place of the spec's 'train.seed'.")
  var seed: Int?

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
    if !(0...1_000_000_000_000).contains(samples) {
      throw ValidationError("'--samples' must be at least 0 and at most 10¹², found \(samples)")
    }
    if let seed, seed < 0 {
      throw ValidationError("'--seed' must be at least 0, found \(seed)")
    }
  }

  func run() throws {
    let invocation = Invocation(
      specPath: folder, seed: seed, device: device, threads: threads, isJSON: json,
      isQuiet: quiet, color: color)
    try finish {
      try Audit(invocation, backends: Engines.all, folder: folder, samples: samples).run()
    }
  }
}
