import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc verify`.
struct VerifyArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Re-check a certificate with an independent implementation.")

  @Argument(help: "The certificate (certificate.json of a run folder).")
  var certificate: String

  @Option(help: "Re-evaluate only this many evenly spaced points (default: all).")
  var sample: Int?

  @Option(help: "The number of points to evaluate at once (default: all cores).")
  var threads: Int?

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  @Option(help: "Color in diagnostics: auto, always, or never.")
  var color: ColorChoice = .auto

  func validate() throws {
    try require(threads: threads)
    if let sample, sample < 1 {
      throw ValidationError("'--sample' must be at least 1, found \(sample)")
    }
  }

  func run() throws {
    try finish {
      try VerifyCommand(
        path: certificate, sample: sample, threads: threads, isJSON: json, color: color
      ).run()
    }
  }
}
