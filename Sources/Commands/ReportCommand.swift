import Diagnostics
import Files
import Reporting

/// `lmtc report`: the page of a run, or of several beside each other, and their plots.
public struct ReportCommand {
  private let runs: [String]
  private let path: String?
  private let plots: String?
  private let console: Console

  /// A command.
  ///
  /// - Parameters:
  ///   - runs: at least one run folder.
  ///   - path: the page's; `report.html` in the folder of a single run if nil.
  ///   - plots: a folder that receives every plot as SVG and CSV; none if nil.
  public init(
    runs: [String], path: String?, plots: String?, isJSON: Bool, color: ColorChoice
  ) {
    (self.runs, self.path, self.plots) = (runs, path, plots)
    console = Console(isJSON: isJSON, color: color)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() -> ExitCode {
    do throws(Failure) {
      var records: [RunRecord] = []
      for run in runs { records.append(try RunRecord(run, isForPage: true)) }
      let page = try ReportPage(records)
      var written = [try target(records)]
      try AtomicFile.write(page.html, to: written[0])
      if let plots { written += try write(page.plotFiles, to: plots) }
      let files: JSONValue = ["files": .array(written.map { .string($0) }), "diagnostics": []]
      let lines = written.map { "wrote '\($0)'\n" }
      try console.write(console.isJSON ? files.prettyText : lines.joined())
      return .success
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  private func target(_ records: [RunRecord]) throws(Failure) -> String {
    if let path { return path }
    guard records.count == 1 else {
      throw Failure(
        Diagnostic(
          .init(.usage, "missing-option"), "'report' of several runs requires '--out'", at: .none,
          help: "add '--out report.html'"))
    }
    return records[0].folder.path(of: .report)
  }

  private func write(
    _ files: [(name: String, text: String)], to path: String
  ) throws(Failure) -> [String] {
    let folder = try RunFolder(creating: path).path
    for file in files { try AtomicFile.write(file.text, to: folder + "/" + file.name) }
    return files.map { folder + "/" + $0.name }
  }
}
