import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc verify`.
struct VerifyArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a certificate again, by a program apart from the certifier.")

  @Argument(help: "The certificate, certificate.json of a run folder.")
  var certificate: String

  @Option(help: "Re-evaluate so many points, spread evenly; all by default.")
  var sample: Int?

  @Option(help: "Points that are evaluated at a time; all cores by default.")
  var threads: Int?

  @Flag(help: "Print one JSON object instead of a line.")
  var json = false

  @Option(help: "Colour in diagnostics: auto, always or never.")
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
