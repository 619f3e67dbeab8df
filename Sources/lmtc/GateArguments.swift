import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc gate`.
struct GateArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Fail if a requirement of a run fails, or if the run certifies less than a baseline.",
    discussion: """
      The exit code is 2 where a check fails, for continuous integration:
        lmtc gate runs/mnist-cnn --baseline baselines/mnist-cnn --tolerance 0.005
      """)

  @Argument(help: "The run folder.")
  var folder: String

  @Option(help: "The run folder to compare with: its result.json and certificate.tsv are read.")
  var baseline: String?

  @Option(
    parsing: .unconditional,
    help: "By how much a certified accuracy may be lower, as a share of the test points.")
  var tolerance: String = "0"

  @Option(help: "text, json, sarif (for code hosts), or junit (for build servers).")
  var format: Gate.Format = .text

  @OptionGroup var printing: OutputOptions

  func run() throws {
    try finish {
      GateCommand(
        run: folder, baseline: baseline, tolerance: tolerance,
        format: printing.json ? .json : format, color: printing.color
      ).execute()
    }
  }
}

extension Gate.Format: ExpressibleByArgument {}
