import Compiler
import Diagnostics
import FileFormats
import Files
import Training

/// One reader of untrusted bytes: valid files to damage, and what is done with the outcome.
struct FuzzTarget: Sendable {
  /// The name on the command line.
  let name: String
  /// Where the damaged file goes, from the input folder.
  let file: String
  /// Reads the file as the program does; a diagnostic is an answer as good as success.
  let read: @Sendable (_ folder: String) throws -> Void
  private let makeSeeds: @Sendable () -> [[UInt8]]
  private let makeCompanions: @Sendable () -> [String: [UInt8]]

  /// A target whose files are made when they are first asked for: some take a training run.
  ///
  /// - Parameters:
  ///   - seeds: valid files.
  ///   - companions: other files, whole, that have to lie beside it.
  init(
    name: String, seeds: @Sendable @escaping @autoclosure () -> [[UInt8]], file: String,
    companions: @Sendable @escaping @autoclosure () -> [String: [UInt8]] = [:],
    read: @escaping @Sendable (_ folder: String) throws -> Void
  ) {
    (self.name, self.file, self.read) = (name, file, read)
    (makeSeeds, makeCompanions) = (seeds, companions)
  }

  /// Valid files.
  var seeds: [[UInt8]] { makeSeeds() }
  /// Other files that have to lie beside the damaged one.
  var companions: [String: [UInt8]] { makeCompanions() }

  /// Every target, by name.
  static let all = ([spec, safetensors, weightsArchive] + dataTargets + runTargets)
    .sorted { $0.name < $1.name }

  /// Specs: parsed, elaborated, shaped, bounded, and every diagnostic rendered.
  private static let spec = FuzzTarget(
    name: "spec", seeds: SampleSpecs.all, file: "spec.yaml"
  ) { folder in
    let path = folder + "/spec.yaml"
    let source = SourceFile(path: path, bytes: try FileReading.bytes(of: path))
    var diagnostics: [Diagnostic] = []
    let compilation = Pipeline.compile(source, &diagnostics)
    let isAnswered = compilation != nil || diagnostics.hasErrors
    precondition(isAnswered, "neither a compilation nor an error")
    precondition(DiagnosticText().render(diagnostics).isEmpty == diagnostics.isEmpty)
  }

  private static let safetensors = FuzzTarget(
    name: "safetensors", seeds: [SampleFiles.safetensors, SampleFiles.checkpoint],
    file: "weights.safetensors"
  ) { folder in
    let path = folder + "/weights.safetensors"
    _ = try? WeightsFile.load(path)
    let contents = try Safetensors.decode(FileReading.bytes(of: path), path: path)
    _ = try Checkpoint(contents, path: path)
  }

  private static let weightsArchive = FuzzTarget(
    name: "weights-npz", seeds: SampleFiles.weightArchives, file: "weights.npz"
  ) { folder in
    _ = try WeightsFile.load(folder + "/weights.npz")
  }
}
