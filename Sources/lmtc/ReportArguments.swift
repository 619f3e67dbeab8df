import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc report`.
struct ReportArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the HTML report of a run, or of several beside each other.",
    discussion: """
      The page is one file that needs no network; 'run' writes it too:
        lmtc report runs/mnist-cnn
        lmtc report runs/a runs/b --out both.html --plots figures
      """)

  @Argument(help: "The run folders.")
  var runs: [String]

  @Option(help: "The page (default: report.html in the folder of a single run).")
  var out: String?

  @Option(help: "A folder for every plot as SVG and CSV.")
  var plots: String?

  @OptionGroup var printing: OutputOptions

  func run() throws {
    try finish {
      ReportCommand(
        runs: runs, path: out, plots: plots, isJSON: printing.json, color: printing.color
      ).run()
    }
  }
}
