import CPUBackend
import Compiler
import Diagnostics
import Execution
import Foundation
import ModelIR
import Testing

@testable import Commands
@testable import Reporting
@testable import TensorGraph
@testable import Training

/// A folder of its own with a small spec in it, removed with its contents when the value is released.
final class Workplace {
  /// A network of 67 parameters on 60 points in 4 dimensions.
  static let tiny = """
    lmt: 1
    name: tiny
    data: {format: synthetic, samples: 60, test_samples: 30, noise: 0.2, classes: 3}
    network:
      input: [4]
      layers:
        - dense: 8
        - relu
        - dense: 3
    train:
      loss: {lmt: {c: 0.2}}
      epochs: 3
      batch: 16
    certify:
      radii: [0.1, 1/4]

    """

  /// The folder.
  let folder: URL

  /// A folder with `spec.yaml`.
  init(_ spec: String = tiny) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("lmtc-end-to-end-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write(spec, to: "spec.yaml")
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes a file.
  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  /// A file's bytes.
  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  /// A file's text.
  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// Whether something lies there.
  func contains(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
  }

  /// Runs `lmtc` to its end in the folder.
  func lmtc(
    _ arguments: String..., environment: [String: String?] = [:]
  ) throws -> LMTCProcess.Outcome {
    try LMTCProcess(arguments, in: folder, environment: environment).outcome()
  }

  /// The lines of a run's metrics without the time each took.
  func metrics(of run: String) throws -> [[String: Double]] {
    try text(run + "/metrics.jsonl").split(separator: "\n").map { line in
      var entries = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Double])
      entries["seconds"] = nil
      return entries
    }
  }
}

extension Workplace {
  /// How the library is told of the folder's spec.
  func invocation(set overrides: [String] = [], seed: Int? = nil) -> Invocation {
    Invocation(
      specPath: folder.appendingPathComponent("spec.yaml").path, overrides: overrides, seed: seed,
      threads: 1, isQuiet: true)
  }

  /// The compiled spec.
  func loading(set overrides: [String] = [], seed: Int? = nil) throws -> SpecLoading {
    try SpecLoading(invocation(set: overrides, seed: seed))
  }

  /// Trains inside this process into a folder of this name.
  func train(
    set overrides: [String] = [], into run: String = "run"
  ) throws -> (loading: SpecLoading, weights: Weights) {
    let loading = try loading(set: overrides)
    var session = try loading.session(
      try loading.training(), backend: CPUBackend(threads: 1),
      folder: folder.appendingPathComponent(run).path, isResumed: false,
      overwrites: true)
    return (loading, try #require(try session.run()).weights)
  }
}

extension SpecLoading {
  /// Certificates of the test points.
  func certify(_ weights: Weights) throws -> RunResult {
    try TestEvaluation(loading: self, backend: CPUBackend(threads: 1)).outcome(
      weights: weights, training: nil
    ).result
  }

  /// The step that the spec trains by, and a trainer that begins or goes on with it.
  func trainer(from state: TrainingState? = nil) throws -> Trainer {
    let train = try training()
    let step = TrainingStep(compilation, train)
    let start =
      try state ?? InitialState(compilation, step: step, weights: nil).fresh()
    let backend = CPUBackend(threads: 1)
    let executable = try backend.compile(step.graph, for: .training)
    return Trainer(
      executable, plan: TrainingPlan(train, seed: compilation.seed),
      samples: try trainingSamples().training,
      adversary: try train.adversarial.map {
        try AdversarialTraining(
          $0, compilation, of: executable, batch: train.batch, backend: backend)
      },
      retractions: try WeightRetraction.all(of: compilation.model).map {
        try RetractionStep($0, of: executable, on: backend)
      }, from: start)
  }
}
