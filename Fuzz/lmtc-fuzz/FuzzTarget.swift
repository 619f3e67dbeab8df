import Compiler
import Diagnostics
import Digest
import FileFixtures
import FileFormats
import Files
import Foundation
import ModelIR
import ONNX
import Training
import Verifier

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

  var seeds: [[UInt8]] { makeSeeds() }
  var companions: [String: [UInt8]] { makeCompanions() }

  /// Every target, by name.
  static let all = ([spec, safetensors, weightsArchive, onnx] + dataTargets + runTargets)
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

  /// ONNX models: imported, and the spec compiled.
  private static let onnx = FuzzTarget(
    name: "onnx", seeds: SampleFiles.onnxModels, file: "model.onnx"
  ) { folder in
    let path = folder + "/model.onnx"
    let network = try ImportedNetwork.read(try FileReading.bytes(of: path), path: path) {
      name throws(Failure) in
      throw FileFault(.weights, path: name)("missing", "there is no file", at: nil)
    }
    var diagnostics: [Diagnostic] = []
    let text = network.spec(name: "imported", source: path, data: nil)
    _ = Pipeline.compile(SourceFile(path: "imported.yaml", text: text), &diagnostics)
  }

  // MARK: Data sets

  /// The data formats that read files.
  private static let dataTargets = [
    data("csv", [3], [SampleFiles.table, deflated(SampleFiles.table)], as: "train.csv"),
    data(
      "idx-images", format: "idx", [1, 2, 2],
      [SampleFiles.idxImages, deflated(SampleFiles.idxImages)],
      as: "train-images-idx3-ubyte", beside: ["train-labels-idx1-ubyte": SampleFiles.idxLabels]),
    data(
      "idx-labels", format: "idx", [1, 2, 2], [SampleFiles.idxLabels],
      as: "train-labels-idx1-ubyte", beside: ["train-images-idx3-ubyte": SampleFiles.idxImages]),
    data("cifar10", [3072], [SampleFiles.cifar10], as: "test_batch.bin", split: .test),
    data("cifar100", [3072], [SampleFiles.cifar100], as: "train.bin"),
    data("svhn", [3, 2, 3], SampleFiles.matlab, as: "train_32x32.mat", keys: ", extra: false"),
    data("npz", [3, 1, 2], SampleFiles.dataArchives, as: "train.npz"),
    data(
      "images", [3, 2, 3], SampleFiles.pictures, as: "a/1.png",
      beside: ["b/1.png": SampleFiles.pictures[0]]),
  ]

  /// A format with a file of one role damaged, read into samples.
  private static func data(
    _ name: String, format: String? = nil, _ shape: [Int], _ seeds: [[UInt8]], as file: String,
    beside companions: [String: [UInt8]] = [:], split: DataSplit = .train, keys: String = ""
  ) -> FuzzTarget {
    let spec = """
      lmt: 1
      name: fuzz
      data: {format: \(format ?? name), train: ., test: ., scale: 1/255, classes: 10\(keys)}
      network: {input: \(shape), layers: [flatten, dense: 10]}
      """
    var diagnostics: [Diagnostic] = []
    let source = SourceFile(path: "spec.yaml", text: spec)
    guard let data = Pipeline.compile(source, &diagnostics)?.spec.data else {
      preconditionFailure(DiagnosticText().render(diagnostics))
    }
    return FuzzTarget(name: name, seeds: seeds, file: file, companions: companions) { folder in
      let labeled = try DatasetReading.load(
        data.format.value, split: split, at: folder, shape: shape, classes: 10)
      let samples = try SampleSet(labeled, scale: data.scale.nearest, classes: 10)
      precondition(samples.count > 0 && samples.labels.allSatisfy { (0..<10).contains($0) })
    }
  }

  // MARK: Run folders

  /// The files of a run that commands read back.
  private static let runTargets = [
    verified("certificate", damaging: .certificate),
    verified("certificate-spec", damaging: .resolvedSpec),
    verified("certificate-weights", damaging: .model),
    verified("certificate-samples", damaging: .test),
    verified("certificate-table", damaging: .certificateTable),
    verified("certificate-result", damaging: .result),
    resumed,
  ]

  /// `verify` of a run folder with one file damaged, its digest in the certificate brought up to date as a
  /// forger would.
  private static func verified(_ name: String, damaging file: RunFolder.File) -> FuzzTarget {
    FuzzTarget(
      name: name, seeds: [run([file])[file.rawValue] ?? []], file: file.rawValue,
      companions: run([.certificate, .resolvedSpec, .model, .test, .certificateTable, .result])
        .filter { $0.key != file.rawValue }
    ) { folder in
      let certificate = folder + "/" + RunFolder.File.certificate.rawValue
      if [.resolvedSpec, .model, .test].contains(file) {
        try resealed(file, in: folder).write(to: URL(filePath: certificate))
      }
      let report = try Verification(
        path: certificate, sample: PointSample(count: 3, seed: 1), threads: 1
      ).run()
      precondition(report.checked <= 3)
    }
  }

  /// `run --resume` with the checkpoint damaged.
  private static let resumed = FuzzTarget(
    name: "resume", seeds: [run([.checkpoint])[RunFolder.File.checkpoint.rawValue] ?? []],
    file: RunFolder.File.checkpoint.rawValue, companions: run([.spec, .metrics])
  ) { folder in
    let code = try SampleRun.run(in: folder, isResumed: true)
    // Weights that are numbers but no good may make training diverge.
    precondition([.success, .failure, .malformedData].contains(code), "code \(code.rawValue)")
  }

  private static func run(_ files: [RunFolder.File]) -> [String: [UInt8]] {
    SampleRun.files.filter { file in files.contains { $0.rawValue == file.key } }
  }

  /// The certificate with the digest of a damaged file in place of that of the whole one.
  private static func resealed(_ file: RunFolder.File, in folder: String) throws -> Data {
    let damaged = try Data(contentsOf: URL(filePath: folder + "/" + file.rawValue))
    let files = run([.certificate, file])
    let text = String(decoding: files[RunFolder.File.certificate.rawValue] ?? [], as: UTF8.self)
    let whole = SHA256.hexadecimalDigest(of: files[file.rawValue] ?? [])
    precondition(text.contains(whole), "the certificate does not refer to '\(file.rawValue)'")
    return Data(text.replacing(whole, with: SHA256.hexadecimalDigest(of: [UInt8](damaged))).utf8)
  }

  // MARK: The harness itself

  /// Readers with one fault each, which the harness has to notice before its silence means anything.
  static let faulty = [
    faulty("crash") { _ in preconditionFailure("on purpose") },
    faulty("hang") { _ in while true { sleep(1) } },
    // Never touched, so no memory in use tells of it.
    faulty("memory") { _ in
      UnsafeMutableRawPointer.allocate(byteCount: 1 << 30, alignment: 8).deallocate()
    },
    faulty("litter") { folder in
      try Data([1]).write(to: URL(filePath: folder + "/../litter"))
    },
  ]

  /// The fault shows in every file but the seed.
  private static func faulty(
    _ name: String, _ fault: @escaping @Sendable (_ folder: String) throws -> Void
  ) -> FuzzTarget {
    let seed: [UInt8] = [1, 2, 3]
    return FuzzTarget(name: "fault: " + name, seeds: [seed], file: "file") { folder in
      if try Data(contentsOf: URL(filePath: folder + "/file")) != Data(seed) { try fault(folder) }
    }
  }
}
