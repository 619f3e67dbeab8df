import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc verify`.
struct VerifyArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Re-check a certificate with an independent implementation.")

  @Argument(help: "The certificate, or the run folder with its certificate.json.")
  var certificate: String

  @Option(
    name: [.customLong("samples"), .customLong("sample")],
    help: "Re-evaluate only this many points, drawn at random (default: all).")
  var samples: Int?

  @Option(help: "The seed that the points are drawn from (default: from the system).")
  var seed: Int?

  @Option(help: "The raw test data, as 'data.test' names them: compare the samples with them.")
  var data: String?

  @Option(help: "The number of points to evaluate at once (default: all cores).")
  var threads: Int?

  @Flag(help: "Show no progress.")
  var quiet = false

  @OptionGroup var printing: OutputOptions

  func validate() throws {
    try require(threads: threads)
    try require(seed: seed)
    if let samples, samples < 1 {
      throw ValidationError("'--samples' must be at least 1, found \(samples)")
    }
  }

  func run() throws {
    try finish {
      VerifyCommand(
        path: certificate, sample: samples, seed: seed.map { UInt64($0) }, dataPath: data,
        threads: threads, isJSON: printing.json, isQuiet: quiet, color: printing.color
      ).run()
    }
  }
}
