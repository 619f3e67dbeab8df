import CPUBackend
import Execution
import Foundation
import MatrixProducts
import TensorGraph
import Testing

@testable import Commands
@testable import Files

/// An interrupted certification goes on as if nothing had happened.
@Suite struct InterruptedCertificationTests {
  private static let settings = [
    "data.test_samples=700", "network.layers=[dense: 8, relu, dense: 3]",
  ]

  /// Certifies in this process and stops after so many chunks; nil if it came to the end.
  private func certify(
    _ place: Workplace, _ weights: Weights, chunks: Int = .max, isResumed: Bool,
    set overrides: [String] = settings
  ) throws -> Int? {
    let evaluation = try TestEvaluation(
      loading: try place.loading(set: overrides), backend: CPUBackend(threads: 1),
      workers: Workers(2))
    let folder = try RunFolder(creating: place.folder.appendingPathComponent("kept").path)
    var left = chunks
    do {
      let outcome = try evaluation.outcome(
        weights: weights, training: nil,
        keeping: .init(folder: folder, isResumed: isResumed) {
          left -= 1
          return left <= 0
        })
      try evaluation.write(outcome, to: folder)
      return nil
    } catch let stop as TestEvaluation.Interrupted {
      return stop.kept
    }
  }

  private func expectSame(_ place: Workplace, set overrides: [String] = settings) throws {
    #expect(try place.certify(["--out", "whole"], set: overrides, threads: 2).code == 0)
    for file in ShardTests.files {
      #expect(try place.bytes("kept/" + file) == place.bytes("whole/" + file), "\(file)")
    }
    #expect(try place.result("kept") == place.result("whole"))
    #expect(!place.contains("kept/certificate.journal"))
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func threeInterruptionsChangeNothing(seed: UInt64) throws {
    let place = try Workplace()
    let weights = try place.train(set: Self.settings).weights
    let stream = CounterRandom.stream(seed: seed, "chunks")
    var kept = 0
    for round in 0..<3 as Range<UInt64> {
      let part = CounterRandom.uniform(stream: stream, counter: 0, index: round)
      guard
        let now = try certify(place, weights, chunks: 1 + Int(2 * part), isResumed: round > 0)
      else { break }
      #expect(now > kept && !place.contains("kept/certificate.json"))
      kept = now
    }
    #expect(try certify(place, weights, isResumed: true) == nil)
    try expectSame(place)
  }

  @Test func aCriticGoesOnToTheSameDistance() throws {
    let place = try Workplace()
    let settings = [
      "data.test_samples=700", "data.classes=2", "network.layers=[dense: 8, max_min, dense: 2]",
      "train.task=critic", "train.loss=wasserstein",
    ]
    let weights = try place.train(set: settings).weights
    let kept = try #require(
      try certify(place, weights, chunks: 1, isResumed: false, set: settings))
    #expect(kept > 0)
    #expect(try certify(place, weights, isResumed: true, set: settings) == nil)
    #expect(try place.text("kept/result.json").contains("\"wasserstein\": {"))
    try expectSame(place, set: settings)
  }

  /// What a failure of the machine can leave of the journal.
  @Test(
    arguments: [
      { $0.dropLast(1) }, { $0.dropLast(7) }, { $0 + "99\t1" }, { $0 + "\n" }, { $0 + "x\ty\tz\n" },
      { $0.prefix(40) }, { _ in "" }, { $0 + "\0\0\0\0\n" },
      { $0.replacing("\n17\t", with: "\n18\t") }, { $0.replacing("\n9\t0", with: "\n9\t1") },
    ] as [@Sendable (String) -> any StringProtocol])
  func aDamagedJournalLosesOnlyWhatIsDamaged(
    damage: @Sendable (String) -> any StringProtocol
  ) throws {
    let place = try Workplace()
    let weights = try place.train(set: Self.settings).weights
    #expect(try certify(place, weights, chunks: 2, isResumed: false) != nil)
    let text = try place.text("kept/certificate.journal")
    try place.write(String(damage(text)), to: "kept/certificate.journal")
    #expect(try certify(place, weights, isResumed: true) == nil)
    try expectSame(place)
  }

  @Test(arguments: [
    (["certify.radii=[0.2]"], "spec"), (["data.seed=2"], "spec"), ([], "weights"),
  ])
  func anotherCertificationIsRefused(change: [String], words: String) throws {
    let place = try Workplace()
    let weights = try place.train(set: Self.settings).weights
    #expect(try certify(place, weights, chunks: 1, isResumed: false) != nil)
    let before = try place.bytes("kept/certificate.journal")
    if change.isEmpty { _ = try place.train(set: Self.settings + ["train.epochs=1"]) }
    let settings = Self.settings + change
    let refused = try place.certify(["--out", "kept", "--resume"], set: settings)
    #expect(refused.code == 65 && refused.errors.contains("data.journal"), "\(refused.errors)")
    #expect(refused.errors.contains("another \(words)"), "\(refused.errors)")
    #expect(try place.bytes("kept/certificate.journal") == before)
    let anew = try place.certify(["--out", "kept"], set: settings, threads: 2)
    #expect(anew.code == 0)
    try expectSame(place, set: settings)
  }

  @Test func anotherShardIsRefused() throws {
    let place = try Workplace()
    let weights = try place.train(set: Self.settings).weights
    #expect(try certify(place, weights, chunks: 1, isResumed: false) != nil)
    let refused = try place.certify(
      ["--out", "kept", "--resume", "--shard", "1/2"], set: Self.settings)
    #expect(refused.code == 65 && refused.errors.contains("another shard"), "\(refused.errors)")
  }

  @Test(arguments: [["certify"], ["run", "--resume"]])
  func aSignalKeepsCertifiedPoints(command: [String]) throws {
    let place = try Workplace()
    let settings = ["--set", "data.test_samples=20000"]
    _ = try place.train()
    let journal = "kept/certificate.journal"
    let arguments =
      command[0] == "certify"
      ? ["certify", "spec.yaml", "--weights", "run/model.safetensors"] : ["run", "spec.yaml"]
    let process = try LMTCProcess(
      arguments + ["--out", "kept", "--threads", "1"] + settings, in: place.folder)
    #expect(process.wait { ((try? place.bytes(journal))?.count ?? 0) > 2000 })
    process.send(SIGINT)
    let first = try process.outcome()
    #expect(first.code == 130 && first.output.isEmpty)
    #expect(first.errors.contains("of 20,000 points are certified and kept in"))
    #expect(first.errors.contains("certificate.journal'; continue with '--resume'"))
    #expect(!place.contains("kept/certificate.json"))
    let kept = try place.bytes(journal).count
    let resumed = try LMTCProcess(
      arguments + ["--out", "kept", "--threads", "1", "--resume"] + settings, in: place.folder
    ).outcome()
    #expect(resumed.code == 0 && kept > 2000, "\(resumed.errors)")
    let straight = try LMTCProcess(
      arguments + ["--out", "straight", "--threads", "1"] + settings, in: place.folder
    ).outcome()
    #expect(straight.code == 0)
    for file in ShardTests.files {
      #expect(try place.bytes("kept/" + file) == place.bytes("straight/" + file), "\(file)")
    }
    #expect(!place.contains(journal))
  }

  @Test func resumingNeedsAFolder() throws {
    let place = try Workplace()
    _ = try place.train()
    let outcome = try place.certify(["--resume"])
    #expect(outcome.code == 64 && outcome.errors.contains("--out"))
  }
}
