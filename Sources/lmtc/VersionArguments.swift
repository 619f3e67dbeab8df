import ArgumentParser
import Commands

/// The arguments of `lmtc version`.
struct VersionArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Print the version, and what results and speed depend on.")

  @Flag(help: "Describe the processor, the devices and the libraries.")
  var verbose = false

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func run() throws {
    try finish {
      VersionCommand(backends: Engines.all, isVerbose: verbose, isJSON: json).run()
    }
  }
}
