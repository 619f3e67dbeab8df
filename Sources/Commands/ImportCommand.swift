import Compiler
import Diagnostics
import FileFormats
import Files
import ModelIR
import ONNX
import Reporting

/// `lmtc import`: the spec and the weights of a network in the ONNX format.
public struct ImportCommand {
  private let path: String
  private let folder: String
  private let name: String?
  private let data: String?
  private let output: String?
  private let overwrites: Bool
  private let isJSON: Bool
  private let color: ColorChoice

  /// A command.
  ///
  /// - Parameters:
  ///   - folder: receives `<name>.yaml` and `<name>.safetensors`.
  ///   - name: of the spec; that of the file if nil.
  ///   - data: the section `data` of the spec as YAML flow text; a comment in its place if nil.
  ///   - output: the name of the model's logits; nil if it has only one output.
  ///   - overwrites: whether files that are there are replaced.
  public init(
    _ path: String, folder: String, name: String?, data: String?, output: String?, overwrites: Bool,
    isJSON: Bool, color: ColorChoice
  ) {
    (self.path, self.folder, self.name, self.data) = (path, folder, name, data)
    (self.output, self.overwrites) = (output, overwrites)
    (self.isJSON, self.color) = (isJSON, color)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(isJSON: isJSON, color: color)
    do throws(Failure) {
      let network = try network()
      let written = try write(network, console)
      try console.write(isJSON ? written.json.prettyText : written.text)
      return .success
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  private func network() throws(Failure) -> ImportedNetwork {
    let bytes = try FileReading.bytes(of: path)
    let folder = FolderListing.split(path).folder
    return try ImportedNetwork.read(bytes, path: path, output: output) { name throws(Failure) in
      let beside = FolderListing.join(folder, name)
      try FileReading.refuseLink(beside)
      return try FileReading.bytes(of: beside)
    }
  }

  private func write(
    _ network: ImportedNetwork, _ console: Console
  ) throws(Failure) -> ImportSummary {
    let file = FolderListing.split(path).name
    let base = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
    let name = name ?? SpecName.mended(base) ?? "imported"
    let (spec, weights) = (
      FolderListing.join(folder, "\(name).yaml"), FolderListing.join(folder, "\(name).safetensors")
    )
    if !overwrites { try FileReading.refuseExisting([spec, weights]) }
    let text = network.spec(name: name, source: file, data: data)
    let compilation = try compiled(text, path: spec, console)
    _ = try RunFolder(creating: folder)
    let contents = Safetensors.Contents(tensors: network.weights)
    try AtomicFile.write(Safetensors.encode(contents), to: weights)
    try AtomicFile.write(text, to: spec)
    return ImportSummary(
      source: path, spec: spec, weights: weights, layers: network.layerCount,
      parameters: compilation.model.parameterCount, hasClasses: network.outputs > 1,
      hasData: data != nil,
      remarks: network.remarks)
  }

  /// The spec compiled, which shows what of the network the spec language does not allow.
  private func compiled(
    _ text: String, path: String, _ console: Console
  ) throws(Failure) -> Compilation {
    var diagnostics: [Diagnostic] = []
    let source = SourceFile(path: path, text: text)
    guard let compilation = Pipeline.compile(source, &diagnostics) else {
      throw Failure(diagnostics)
    }
    console.show(diagnostics)
    return compilation
  }
}

/// What an import has written.
private struct ImportSummary {
  let source: String
  let spec: String
  let weights: String
  let layers: Int
  let parameters: Int
  let hasClasses: Bool
  let hasData: Bool
  let remarks: [String]

  var json: JSONValue {
    [
      "spec": .string(spec), "weights": .string(weights), "layers": .integer(layers),
      "parameters": .integer(parameters), "remarks": .array(remarks.map { .string($0) }),
    ]
  }

  var text: String {
    var lines = [
      "\(source): \(layers) layers, \(NumberText.grouped(parameters)) parameters",
      "  wrote \(spec) and \(weights)",
    ]
    lines += remarks.map { "  note: \($0)" }
    if hasClasses, !hasData {
      lines.append("  state the test data under 'data' in \(spec), then run")
    }
    lines.append("  lmtc \(hasClasses ? "certify" : "compile") \(spec) --weights \(weights)")
    return lines.joined(separator: "\n") + "\n"
  }
}
