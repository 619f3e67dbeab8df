import Foundation
import Glibc
import Testing

@testable import FileFormats
@testable import Files
@testable import Training

extension Workplace {
  private struct Missed: Error {}

  /// Starts a run that is long enough to be caught after its first epoch; the override that made it so,
  /// and what the signal left.
  func interrupt(by signal: Int32) throws -> (length: String, outcome: LMTCProcess.Outcome) {
    for epochs in [40, 400, 4000] {
      let length = "train.epochs=\(epochs)"
      let process = try LMTCProcess(
        ["run", "spec.yaml", "--out", "run", "--quiet", "--set", length], in: folder)
      let isCaught = process.wait { contains("run/checkpoint.safetensors") }
      process.send(signal)
      let outcome = try process.outcome()
      if isCaught, outcome.code != 0, !outcome.errors.contains("after training"),
        !outcome.errors.contains("points are certified and kept in")
      {
        return (length, outcome)
      }
      try FileManager.default.removeItem(at: folder.appendingPathComponent("run"))
    }
    throw Missed()
  }

  /// Compares a finished run with one that nothing interrupted.
  func expectSameAsStraight(_ length: String) throws {
    #expect(try lmtc("run", "spec.yaml", "--out", "straight", "--set", length).code == 0)
    for file in [
      "model.safetensors", "checkpoint.safetensors", "certificate.tsv", "certificate.json",
      "test.safetensors",
    ] {
      #expect(try bytes("run/" + file) == bytes("straight/" + file), "\(file)")
    }
    #expect(try metrics(of: "run") == metrics(of: "straight"))
  }

  /// The steps that the run's checkpoint has done, nil without one; an issue where what lies under a
  /// final name is not whole.
  func stepOfWholeFiles() throws -> Int? {
    var step: Int?
    for file in RunFolder.File.allCases where contains("run/" + file.rawValue) {
      let bytes = try bytes("run/" + file.rawValue)
      switch file {
      case .checkpoint:
        step = try Checkpoint(Safetensors.decode(bytes, path: "c"), path: "c").state.step
      case .model, .test: _ = try Safetensors.decode(bytes, path: "m")
      case .metrics:
        #expect(bytes.isEmpty || bytes.last == 10)
        _ = try metrics(of: "run")
      case .witnesses, .adversarial: _ = try WeightsFile.decode(bytes, path: "w")
      case .result, .certificate: _ = try document(String(decoding: bytes, as: UTF8.self))
      // The last line may be cut off.
      case .journal: break
      // Its records are checked by TensorBoardTests.
      case .events: break
      case .spec, .resolvedSpec, .certificateTable, .report:
        #expect(bytes.last == 10, "\(file.rawValue)")
      }
    }
    return step
  }

  /// What processes have left half-written.
  func leftovers() throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent("run").path
    ).filter { $0.hasPrefix(".") }
  }
}
