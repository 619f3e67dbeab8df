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
      Properties for neural network verifiers, one file for each certified test point:
        lmtc export runs/mnist --to vnnlib --radius 0.5 --point 0 --point 7
      """)

  @Argument(help: "The run folder.")
  var folder: String

  @Option(help: "What to write: onnx, c, safetensors, npz or vnnlib.")
  var to: ExportCommand.Target

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "The file to write; the folder for vnnlib.")
  var output: String?

  @Option(
    help: ArgumentHelp(
      "A test point to write a property of (repeatable; default: all).",
      valueName: "index"))
  var point: [Int] = []

  @Option(
    help: ArgumentHelp(
      "The radius of the properties, such as 36/255; by default that of each point.",
      valueName: "number"))
  var radius: String?

  @Flag(help: "Replace a file that is there.")
  var overwrite = false

  @OptionGroup var printing: OutputOptions

  func validate() throws {
    if to != .vnnlib, !point.isEmpty || radius != nil {
      throw ValidationError("'--point' and '--radius' require '--to vnnlib'")
    }
  }

  func run() throws {
    try finish {
      try ExportCommand(
        folder, to: to, outputPath: output, points: point, radius: radius, overwrites: overwrite,
        isJSON: printing.json, color: printing.color
      ).run()
    }
  }
}

extension ExportCommand.Target: ExpressibleByArgument {}
