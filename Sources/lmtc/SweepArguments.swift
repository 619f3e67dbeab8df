import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc sweep`.
struct SweepArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run every combination of values of a spec, then compare the runs.",
    discussion: """
      A sweep that was interrupted goes on when it is started again; what is finished is skipped:
        lmtc sweep spec.yaml --vary train.seed=1..5 --vary train.loss.lmt.c=0.1,0.5
        lmtc sweep spec.yaml --vary train.seed=1..5 --jobs 4 --threads 2
      """)

  @OptionGroup var options: SpecOptions

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A path and the values that it takes: v1,v2 or first..last (repeatable).",
      valueName: "path.to.key=values"))
  var vary: [String]

  @Option(help: "The folder of the runs' folders (default: runs/<name>-sweep).")
  var out: String?

  @Option(
    help:
      "How many runs are made at once (default: as many as have their '--threads' on the cores).")
  var jobs: Int?

  @Option(help: "The comparison's format: text, markdown, csv, latex, or json.")
  var format: Comparison.Format = .text

  @Option(help: "Write the accuracy curves of all runs into this SVG file.")
  var plot: String?

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("'--jobs' must be between 1 and 1024, found \(jobs)")
    }
  }

  func run() throws {
    try finish {
      SweepCommand(
        options.invocation, variations: vary, folder: out, jobs: jobs,
        format: options.engine.json ? .json : format, plot: plot
      ).run()
    }
  }
}
