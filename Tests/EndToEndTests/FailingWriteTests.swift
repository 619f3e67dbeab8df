import Foundation
import Glibc
import Testing

/// A full disk, a folder that takes no files, a process killed while it writes: what was there stays,
/// and nothing half-written has a final name.
@Suite struct FailingWriteTests {
  /// Files may not grow beyond so many blocks of 512 bytes: each stops at another file of the run.
  @Test(arguments: [0, 1, 2, 4, 8, 16, 32, 64]) func aRunWithoutRoomLeavesWholeFiles(
    blocks: Int
  ) throws {
    let place = try Workplace()
    let length = ["--set", "train.epochs=400"]
    let outcome = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--quiet"] + length, in: place.folder,
      blocks: blocks
    ).outcome()
    // Without room for a byte, standard error takes no diagnostic either.
    #expect(outcome.code == 66)
    #expect(blocks == 0 || outcome.errors.contains("[file.unwritable]"), "\(outcome.errors)")
    _ = try place.stepOfWholeFiles()
    #expect(try place.leftovers().isEmpty)
  }

  @Test(arguments: [1, 4, 8]) func aCheckpointSurvivesAFullDisk(blocks: Int) throws {
    let place = try Workplace()
    let (length, _) = try place.interrupt(by: SIGKILL)
    let before = try #require(try place.stepOfWholeFiles())
    let outcome = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--resume", "--quiet", "--set", length],
      in: place.folder, blocks: blocks
    ).outcome()
    #expect(outcome.code == 66 && outcome.errors.contains("[file.unwritable]"))
    #expect(try #require(try place.stepOfWholeFiles()) >= before)
    #expect(try place.leftovers().isEmpty)
    let resumed = try place.lmtc("run", "spec.yaml", "--out", "run", "--resume", "--set", length)
    #expect(resumed.code == 0, "\(resumed.errors)")
    try place.expectSameAsStraight(length)
  }

  /// Kills a run as soon as a file is half-written, again and again.
  @Test func aRunKilledWhileItWritesLosesNothing() throws {
    let place = try Workplace()
    let large = ["network.layers=[dense: 20000, relu, dense: 3]", "train.epochs=12"]
    let settings = large.flatMap { ["--set", $0] }
    var step = 0
    for round in 0..<8 {
      let isResumed = place.contains("run/checkpoint.safetensors")
      let process = try LMTCProcess(
        ["run", "spec.yaml", "--out", "run", "--quiet"] + settings
          + (isResumed ? ["--resume"] : []), in: place.folder)
      // Alternately the first file that is seen half-written, and the first one after an epoch.
      let isWriting = { (try? place.leftovers())?.contains { $0.contains("checkpoint") } ?? false }
      let known = try? place.bytes("run/checkpoint.safetensors")
      _ = process.wait {
        isWriting()
          && (round % 2 == 0 || (try? place.bytes("run/checkpoint.safetensors")) != known)
      }
      process.send(SIGKILL)
      _ = try process.outcome()
      let found = try place.stepOfWholeFiles() ?? 0
      #expect(found >= step, "a checkpoint was lost")
      step = found
    }
    let last = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--quiet"] + settings
        + (step > 0 ? ["--resume"] : []), in: place.folder
    ).outcome()
    #expect(last.code == 0, "\(last.errors)")
    #expect(try place.leftovers().isEmpty)
  }

  /// A disk that fills up after training, when certified points are kept or the certificate is written:
  /// the run ends with a diagnostic, and what is there goes on to the same files.
  @Test(arguments: [(64, "certificate.journal"), (500, "certificate.json")])
  func aFullDiskAfterTrainingLosesNoWeights(blocks: Int, file: String) throws {
    let place = try Workplace()
    // About 65 bytes of journal a point, and 125 of certificate.
    let settings = "data.test_samples=2500"
    let outcome = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--quiet", "--set", settings], in: place.folder,
      blocks: blocks
    ).outcome()
    #expect(outcome.code == 66, "\(outcome.errors)")
    #expect(outcome.errors.contains("[file.unwritable]") && outcome.errors.contains(file))
    _ = try place.stepOfWholeFiles()
    #expect(try place.leftovers().isEmpty)
    #expect(place.contains("run/model.safetensors") && !place.contains("run/certificate.json"))
    #expect(!place.contains("run/result.json") && !place.contains("run/certificate.tsv"))
    let resumed = try place.lmtc("run", "spec.yaml", "--out", "run", "--resume", "--set", settings)
    #expect(resumed.code == 0, "\(resumed.errors)")
    try place.expectSameAsStraight(settings)
  }

  /// Folders of the kernel refuse files even to an administrator.
  @Test(arguments: ["/proc", "/proc/lmtc/run"]) func aFolderThatTakesNoFilesIsAnError(
    folder: String
  ) throws {
    let outcome = try Workplace().run("--out", folder)
    #expect(outcome.code == 66 && outcome.errors.contains("[file.unwritable]"))
  }
}

extension Workplace {
  /// Runs the spec to its end.
  fileprivate func run(_ arguments: String...) throws -> LMTCProcess.Outcome {
    try LMTCProcess(["run", "spec.yaml", "--quiet"] + arguments, in: folder).outcome()
  }
}
