import Diagnostics
import Files
import Reporting

/// `lmtc compare`: a row for each run, what differs between their specs, and what they reached.
public struct CompareCommand {
  private let runs: [String]
  private let format: Comparison.Format
  private let plot: String?
  private let console: Console

  /// A command; `plot` receives the accuracy curves of all runs as SVG, if given.
  public init(
    runs: [String], format: Comparison.Format, plot: String? = nil, color: ColorChoice
  ) {
    (self.runs, self.format, self.plot) = (runs, format, plot)
    console = Console(isJSON: format == .json, color: color)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() -> ExitCode {
    do throws(Failure) {
      try show()
      return .success
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  /// Prints the comparison; throws `file.…` or `data.run`.
  func show() throws(Failure) {
    var records: [RunRecord] = []
    for run in runs { records.append(try RunRecord(run, isForPage: plot != nil)) }
    let comparison = try Comparison(records)
    if let plot { try AtomicFile.write(comparison.plot, to: plot) }
    try console.write(comparison.written(as: format))
  }
}
