import ArgumentParser
import Commands

/// The arguments of `lmtc predict`.
struct PredictArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Print the class, margin, and certified radius of new inputs.",
    discussion: """
      Inputs have no labels; their values are in the units of the spec's data, before 'scale':
        lmtc predict runs/mnist --input digit.png
        lmtc predict runs/mnist --input new.npz --json
      """)

  @Argument(help: "The run folder.")
  var folder: String

  @Option(help: "A csv table, an npz file, a PNG image, or a folder of PNG images.")
  var input: String

  @OptionGroup var engine: EngineOptions

  func run() throws {
    let invocation = Invocation(
      specPath: folder, device: engine.device, threads: engine.threads, devices: engine.devices,
      isJSON: engine.json,
      isQuiet: engine.quiet, color: engine.color)
    try finish {
      try PredictCommand(invocation, backends: Engines.all, folder: folder, input: input).run()
    }
  }
}
