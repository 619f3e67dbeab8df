import ArgumentParser
import Reporting

/// Options of commands that run no engine: how they print.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  @Option(help: "Color in diagnostics and verdicts: auto, always, or never.")
  var color: ColorChoice = .auto
}
