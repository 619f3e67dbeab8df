import ArgumentParser
import Commands

/// The arguments of `lmtc run`.
struct RunArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Train, certify, report, and write a run folder.")

  @OptionGroup var options: SpecOptions

  @Option(help: "The run folder (default: runs/<name>).")
  var out: String?

  @Flag(
    help: "Resume from the folder's checkpoint, and from the points that it has certified.")
  var resume = false

  @Flag(help: "Replace a run of another spec in the folder.")
  var overwrite = false

  @Flag(
    help: "Report how long each operation of a training step takes, with GFLOP/s and GB/s.")
  var profile = false

  /// For the runs of a sweep.
  @Flag(help: .hidden) var endsWithInput = false

  func run() throws {
    try finish {
      try RunCommand(
        options.invocation, backends: Engines.all, folder: out, isResumed: resume,
        overwrites: overwrite, isProfiled: profile, endsWithInput: endsWithInput
      ).run()
    }
  }
}
