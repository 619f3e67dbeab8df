import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc explain`.
struct ExplainArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract:
      "Print the manual page of a layer, loss, method, diagnostic, or other id, or list all ids.")

  @Argument(help: "The id, such as 'conv2d', 'cholesky' or 'spec.unknown-key'.")
  var id: [String] = []

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  @Option(help: "Color: auto, always, or never.")
  var color: ColorChoice = .auto

  func run() throws {
    let words = id.isEmpty ? nil : id.joined(separator: " ")
    try finish { ExplainCommand(words, isJSON: json, color: color).run() }
  }
}
