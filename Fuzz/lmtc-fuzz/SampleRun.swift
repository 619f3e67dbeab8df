import CPUBackend
import Commands
import Diagnostics
import Execution
import Files
import Foundation

/// A finished run of a small network in which there is a layer of most kinds.
enum SampleRun {
  private static let spec = """
    lmt: 1
    name: fuzz
    data: {format: synthetic, samples: 24, test_samples: 6, classes: 3}
    network:
      input: [2, 4, 4]
      layers:
        - normalize: {mean: [0.1, -0.2], std: [0.5, 2]}
        - conv2d: {filters: 4, kernel: 3, padding: same}
        - batch_norm
        - max_min
        - residual: {branch: [conv2d: {filters: 4, kernel: 3, padding: 1, groups: 2}, tanh]}
        - parallel: {branches: [[max_pool: 2], [avg_pool: 2]], merge: concat}
        - flatten
        - dense: 8
        - relu
        - dense: 6
        - relu
        - dense: 3
    train: {loss: {lmt: {c: 0.2}}, epochs: 2, batch: 8}
    certify: {radii: [0.1]}

    """

  /// The files of its folder by name.
  static let files: [String: [UInt8]] = {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "lmtc-fuzz-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(spec.utf8).write(to: folder.appending(path: RunFolder.File.spec.rawValue))
      let code = try run(in: folder.path, isResumed: false)
      precondition(code == .success, "the sample run ended with the code \(code.rawValue)")
      var files: [String: [UInt8]] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        files[name] = Array(try Data(contentsOf: folder.appending(path: name)))
      }
      return files
    } catch { preconditionFailure("the sample run failed: \(error)") }
  }()

  /// `lmtc run spec.yaml --out .` in a folder.
  static func run(in folder: String, isResumed: Bool) throws -> ExitCode {
    let invocation = Invocation(
      specPath: folder + "/" + RunFolder.File.spec.rawValue, threads: 1, isQuiet: true)
    return try RunCommand(invocation, backends: [Engine()], folder: folder, isResumed: isResumed)
      .run()
  }

  private struct Engine: EngineFactory {
    let name = "cpu"
    let details = ""
    func make(threads: Int?) -> any Backend { CPUBackend(threads: threads ?? 1) }
  }
}
