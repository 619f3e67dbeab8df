import Compiler
import Diagnostics
import Execution
import FileFormats
import Files
import ModelIR
import ONNX
import PortableC
import Reporting
import TensorGraph

/// `lmtc export`: the network of a run folder for other tools.
public struct ExportCommand {
  /// What is written.
  public enum Target: String, CaseIterable, Sendable {
    case onnx, c, safetensors, npz, vnnlib
  }

  private let folder: String
  private let target: Target
  private let points: PropertyExport.Choice
  private let outputPath: String?
  private let overwrites: Bool
  private let isJSON: Bool
  private let color: ColorChoice

  /// A command.
  ///
  /// - Parameters:
  ///   - outputPath: of the file; by default `<name>.<target>` in the current folder. Of VNN-LIB's folder, by default
  ///     `<name>-vnnlib`.
  ///   - points: the indices of the points that properties are about; all if empty.
  ///   - radius: an exact number, of properties about this radius; those of each point if nil.
  public init(
    _ folder: String, to target: Target, outputPath: String?, points: [Int] = [],
    radius: String? = nil, overwrites: Bool, isJSON: Bool, color: ColorChoice
  ) {
    self.points = PropertyExport.Choice(points: points, radius: radius)
    (self.folder, self.target, self.outputPath) = (folder, target, outputPath)
    (self.overwrites, self.isJSON, self.color) = (overwrites, isJSON, color)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(isJSON: isJSON, color: color)
    do throws(Failure) {
      let run = try RunFolder(existing: folder)
      try run.requireCertifiedFiles()
      let loading = try SpecLoading(
        Invocation(specPath: run.path(of: .resolvedSpec), isQuiet: true))
      let compilation = loading.compilation
      let weights = try loading.weights(from: run.path(of: .model))
      let written = try write(run, compilation, weights)
      try console.write(
        isJSON
          ? written.json.prettyText
          : "\(compilation.spec.name): wrote \(written.text)\n  \(condition(compilation))\n")
      return .success
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  /// What was written, for people and as data.
  private func write(
    _ run: RunFolder, _ compilation: Compilation, _ weights: Weights
  ) throws(Failure) -> (text: String, json: JSONValue) {
    let bytes: [UInt8]
    switch target {
    case .safetensors: bytes = RunFolder.bytes(weights: weights)
    case .npz:
      bytes = NPZWriter.bytes(
        weights.tensors.sorted { $0.key < $1.key }.map {
          NPZWriter.Entry($0.key, shape: $0.value.shape, elements: $0.value.elements)
        })
    case .onnx: bytes = try onnx(compilation, weights)
    case .c: bytes = Array(try c(compilation, weights).utf8)
    case .vnnlib: return try properties(run, compilation)
    }
    let path = outputPath ?? "\(compilation.spec.name).\(target.rawValue)"
    if !overwrites { try FileReading.refuseExisting([path]) }
    try AtomicFile.write(bytes, to: path)
    return (path, ["path": .string(path), "target": .string(target.rawValue)])
  }

  private func properties(
    _ run: RunFolder, _ compilation: Compilation
  ) throws(Failure) -> (text: String, json: JSONValue) {
    let summary = try PropertyExport(points).write(
      run, compilation, to: outputPath ?? "\(compilation.spec.name)-vnnlib",
      overwrites: overwrites)
    let others = summary.others > 0 ? "; \(summary.others) points are not certified" : ""
    return (
      "\(summary.count) properties to \(summary.folder)\(others)",
      [
        "path": .string(summary.folder), "target": .string(target.rawValue),
        "properties": .integer(summary.count), "not_certified": .integer(summary.others),
      ]
    )
  }

  private func onnx(
    _ compilation: Compilation, _ weights: Weights
  ) throws(Failure) -> [UInt8] {
    let spec = compilation.spec
    guard spec.certify.precision == .float32 else {
      throw fault(
        "the certificate is about execution in float64, and ONNX models are written in float32",
        help: "use '--to c', or certify with 'precision: float32'")
    }
    do throws(ONNXExport.Fault) {
      return try ONNXExport.encode(
        prediction(compilation), weights: weights.tensors,
        fed: Prediction.images, output: Prediction.logits, name: spec.name,
        version: Product.version)
    } catch {
      throw fault(error.reason, help: nil)
    }
  }

  private func c(_ compilation: Compilation, _ weights: Weights) throws(Failure) -> String {
    let spec = compilation.spec
    let real: CProgram.Real =
      switch spec.certify.precision {
      case .float32: .float
      case .float64: .double
      }
    do throws(CProgram.Fault) {
      return try CProgram.text(
        prediction(compilation), weights: weights.tensors,
        fed: Prediction.images, output: Prediction.logits, name: Self.identifier(spec.name),
        real: real,
        remarks: ["\(spec.name), written by lmtc \(Product.version).", "", condition(compilation)])
    } catch {
      throw fault(error.reason, help: nil)
    }
  }

  /// A name of C: letters, digits and underscores, not beginning with a digit.
  private static func identifier(_ name: String) -> String {
    let word = String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    return word.first?.isNumber == true ? "net_" + word : word
  }

  /// Under which execution the certificate holds for the file.
  private func condition(_ compilation: Compilation) -> String {
    switch target {
    case .onnx where prediction(compilation).hasElementaryFunctions:
      "the certificate does not cover ONNX Runtime, whose exp, log, tanh, sigmoid or erf may be off by more than "
        + "4·2^-24 of their value"
    case .onnx:
      "the certificate holds in float32 without graph optimizations: no TF32, bfloat16, Winograd or fused scales"
    case .c:
      "the certificate holds for IEEE arithmetic: compile without -ffast-math"
    case .vnnlib:
      "each box lies in the ball of the radius: its half-width is the radius divided by the square root of "
        + "\(compilation.model.inputShape.reduce(1, *)), rounded down"
    case .safetensors, .npz:
      "the certificate holds where \(compilation.spec.certify.precision.rawValue) is computed in any order of "
        + "summation"
    }
  }

  private func prediction(_ compilation: Compilation) -> Graph {
    Prediction(model: compilation.model, batch: 1).graph
  }

  private func fault(_ message: String, help: String?) -> Failure {
    Failure(Diagnostic(.init(.usage, "export"), message, at: .none, help: help))
  }
}

extension FileReading {
  /// Throws `file.exists` for each path at which there is something.
  static func refuseExisting(_ paths: [String]) throws(Failure) {
    let existing = paths.filter { kind(of: $0) != nil }
    guard !existing.isEmpty else { return }
    throw Failure(
      existing.map {
        Diagnostic(
          .init(.file, "exists"), "'\($0)' is there already", at: .file(path: $0, offset: nil),
          help: "choose another place, or use '--overwrite' to replace it")
      })
  }
}

extension Graph {
  /// Whether a node is a function that runtimes approximate each in its own way.
  fileprivate var hasElementaryFunctions: Bool {
    nodes.contains { node in
      guard case .unary(let function) = node.operation else { return false }
      return switch function {
      case .exp, .log, .log1p, .tanh, .logistic, .erf: true
      case .negate, .abs, .sign, .sqrt, .bfloat16: false
      }
    }
  }
}
