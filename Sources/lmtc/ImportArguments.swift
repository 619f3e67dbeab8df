import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc import`.
struct ImportArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turn an ONNX model into a spec and weights.",
    discussion: """
      Writes NAME.yaml, with the layers' names of the model, and NAME.safetensors:
        lmtc import model.onnx --data '{format: npz, test: test.npz, scale: 1/255}'
        lmtc certify model.yaml --weights model.safetensors
      """)

  @Argument(help: "The model, as torch.onnx.export, tf2onnx or skl2onnx write it.")
  var model: String

  @Option(help: "The folder to write into.")
  var out = "."

  @Option(help: "The name of the spec and of both files; by default that of the model.")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "The section 'data' of the spec, such as '{format: idx, test: mnist, scale: 1/255}'.",
      valueName: "YAML"))
  var data: String?

  @Option(help: "The output with the logits, if the model has several.")
  var output: String?

  @Flag(help: "Replace files that are there.")
  var overwrite = false

  @OptionGroup var printing: OutputOptions

  func run() throws {
    try finish {
      try ImportCommand(
        model, folder: out, name: name, data: data, output: output, overwrites: overwrite,
        isJSON: printing.json, color: printing.color
      ).run()
    }
  }
}
