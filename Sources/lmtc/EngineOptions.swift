import ArgumentParser
import Reporting

/// Options of every command that runs an engine.
struct EngineOptions: ParsableArguments {
  @Option(help: "The device to run on: cpu, xla, or xla:PATH with the path of a PJRT plugin.")
  var device: String = "cpu"

  @Option(help: "The number of threads (default: all cores).")
  var threads: Int?

  @Option(help: "The number of devices that share a training step, each with a part of the batch.")
  var devices: Int = 1

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Flag(help: "Do not show progress on standard error.")
  var quiet = false

  @Option(help: "Color in diagnostics and verdicts: auto, always, or never.")
  var color: ColorChoice = .auto

  func validate() throws {
    try require(threads: threads)
    guard (1...1024).contains(devices) else {
      throw ValidationError("'--devices' must be between 1 and 1024, found \(devices)")
    }
  }
}

/// Throws unless a number of threads is possible.
func require(threads: Int?) throws {
  if let threads, !(1...1024).contains(threads) {
    throw ValidationError("'--threads' must be between 1 and 1024, found \(threads)")
  }
}

/// Throws unless a seed is possible.
func require(seed: Int?) throws {
  if let seed, seed < 0 { throw ValidationError("'--seed' must be at least 0, found \(seed)") }
}

extension ColorChoice: ExpressibleByArgument {}
