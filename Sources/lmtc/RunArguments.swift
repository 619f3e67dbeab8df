import ArgumentParser
import Commands

/// The arguments of `lmtc run`.
struct RunArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Train, certify and report; writes the run folder.")

  @OptionGroup var options: SpecOptions

  @Option(help: "The run folder; 'runs/<name>' by default.")
  var out: String?

  @Flag(help: "Go on from the folder's checkpoint.")
  var resume = false

  func run() throws {
    try finish {
      try RunCommand(options.invocation, backends: Engines.all, folder: out, isResumed: resume)
        .run()
    }
  }
}
