import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc compare`.
struct CompareArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract:
      "Show runs beside each other: what differs between their specs, and what they reached.",
    discussion: """
      Runs that differ only by their seed are one row, with means and deviations:
        lmtc compare runs/a runs/b
        lmtc compare runs/* --format latex --plot curves.svg
      """)

  @Argument(help: "The run folders.")
  var runs: [String]

  @Option(help: "text, markdown, csv, latex, or json.")
  var format: Comparison.Format = .text

  @Option(help: "Write the accuracy curves of all runs into this SVG file.")
  var plot: String?

  @OptionGroup var printing: OutputOptions

  func run() throws {
    try finish {
      CompareCommand(
        runs: runs, format: printing.json ? .json : format, plot: plot, color: printing.color
      ).run()
    }
  }
}

extension Comparison.Format: ExpressibleByArgument {}
