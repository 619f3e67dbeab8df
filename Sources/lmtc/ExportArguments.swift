import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc export`.
struct ExportArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the network of a run folder for other tools.",
    discussion: """
      The file computes what was certified:
        lmtc export runs/mnist --to onnx
        lmtc export runs/mnist --to c -o mnist.c
      """)

  @Argument(help: "The run folder.")
  var folder: String

  @Option(help: "What to write: onnx, c, safetensors or npz.")
  var to: ExportCommand.Target

  @Option(name: [.customShort("o"), .customLong("output")], help: "The file to write.")
  var output: String?

  @Flag(help: "Replace a file that is there.")
  var overwrite = false

  @OptionGroup var printing: OutputOptions

  func run() throws {
    try finish {
      try ExportCommand(
        folder, to: to, outputPath: output, overwrites: overwrite, isJSON: printing.json,
        color: printing.color
      ).run()
    }
  }
}

extension ExportCommand.Target: ExpressibleByArgument {}
