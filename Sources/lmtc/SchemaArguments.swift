import ArgumentParser
import Commands

/// The arguments of `lmtc schema`.
struct SchemaArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of specs, by which editors complete and check them.")

  @Option(
    name: [.customShort("o"), .customLong("output")], help: "Write the schema to this file.",
    completion: .file(extensions: ["json"]))
  var output: String?

  func run() throws { try finish { SchemaCommand(outputPath: output).run() } }
}
