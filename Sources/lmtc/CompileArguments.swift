import ArgumentParser
import Commands

/// The arguments of `lmtc compile`.
struct CompileArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Check a spec and report its shapes, parameters, and Lipschitz bounds.")

  @OptionGroup var options: SpecOptions

  @Option(help: "Print a compiler stage instead of the report: \(Stage.list).")
  var emit: Stage?

  @Option(
    help:
      "What the stages graph, plan and stablehlo are of. Default: train, or certify for a spec that does not train."
  )
  var entry: EntryPoint?

  @Option(name: .customShort("o"), help: "Write to a file instead of standard output.")
  var output: String?

  @Flag(help: "Print the derivation of the bound, line by line, and every norm in it.")
  var explainBounds = false

  @Flag(
    help:
      "Without '--weights', bound norms of the initial weights as tightly as a certificate would.")
  var tight = false

  func run() throws {
    try finish {
      try CompileCommand(
        options.invocation, backends: Engines.all, stage: emit, entry: entry, outputPath: output,
        explainsBounds: explainBounds, isTight: tight
      ).run()
    }
  }
}

extension Stage: ExpressibleByArgument {}
extension EntryPoint: ExpressibleByArgument {}
