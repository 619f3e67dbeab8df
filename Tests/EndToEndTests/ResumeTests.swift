import Foundation
import Glibc
import TensorGraph
import Testing

@testable import Commands
@testable import FileFormats
@testable import Training

/// An interrupted run goes on as if nothing had happened.
@Suite struct ResumeTests {
  @Test(arguments: [
    [], ["train.optimizer={sgd: {learning_rate: 0.1, momentum: 0.9}}"],
    ["train.loss={lmt: {c: 1, variant: global}}", "train.schedule.c={ramp: {epochs: 2}}"],
    ["network.layers=[dense: 8, {dropout: 0.5}, max_min, dense: 3]", "train.batch=7"],
    [
      "network.input=[1, 2, 2]", "network.layers=[flatten, dense: 3]",
      "train.augment=[{random_crop: 1}, horizontal_flip]", "train.label_noise=0.2",
      "train.validation=0.1", "train.batch=7",
    ],
    ["train.adversarial={attack: {pgd: {steps: 2, restarts: 1}}, radius: 0.2, share: 0.5}"],
    [
      "network.layers=[dense: 8, batch_norm, relu, {dropout: 0.2}, dense: 3]",
      "train.adversarial={attack: fgsm, radius: 0.1}",
    ],
    ["network.layers=[dense: 6, relu, dense: 5, relu, dense: 3]", "train.composition=eclipse"],
    ["network.layers=[dense: 3, residual: {convex: learnt, branch: [dense: 3, relu]}]"],
    [
      "network.layers=[{dense: {units: 4, parametrization: orthogonal}}, max_min, "
        + "{dense: {units: 3, parametrization: {bro: {rank: 2}}}}]",
      "train.adversarial={attack: fgsm, radius: 0.1}", "train.average=0.9",
    ],
    [
      "network.layers=[{dense: {units: 4, parametrization: {stiefel: 3}}}, max_min, "
        + "{dense: {units: 3, parametrization: stiefel}}]"
    ],
    ["train.regularizers=[{spectral_norm: 0.1}, {parseval: 0.1}, {weight_decay: 0.1}]"],
    [
      "network.input=[1, 2, 2]",
      "network.layers=[{conv2d: {filters: 3, kernel: 2, padding: 1}}, relu, flatten, dense: 3]",
    ],
    [
      "train.task=critic", "train.loss=wasserstein", "data.classes=2",
      "network.layers=[{dense: {units: 8, parametrization: orthogonal}}, max_min, dense: 2]",
    ],
  ])
  func aCheckpointContinuesBitForBit(overrides: [String]) throws {
    let loading = try Workplace().loading(set: overrides)
    let (straight, interrupted) = (try loading.trainer(), try loading.trainer())
    let steps = straight.stepsPerEpoch + straight.stepsPerEpoch / 2
    for _ in 0..<steps {
      _ = try straight.advance()
      _ = try interrupted.advance()
    }
    let file = Safetensors.encode(
      Checkpoint(interrupted.snapshot(), fingerprint: "f").contents)
    let checkpoint = try Checkpoint(Safetensors.decode(file, path: "f"), path: "f")
    #expect(checkpoint.state == interrupted.snapshot())
    let resumed = try loading.trainer(from: checkpoint.state)
    while !straight.isFinished {
      let (expected, found) = (try straight.advance(), try resumed.advance())
      #expect(
        found.metrics(validationAccuracy: nil, seconds: 0)
          == expected.metrics(validationAccuracy: nil, seconds: 0))
    }
    #expect(resumed.isFinished && resumed.snapshot() == straight.snapshot())
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalWritesACheckpointToGoOnFrom(signal: Int32) throws {
    let place = try Workplace()
    let (length, first) = try place.interrupt(by: signal)
    #expect(first.code == 130 && first.output.isEmpty)
    #expect(first.errors.contains("--resume"))
    #expect(!place.contains("run/model.safetensors"))

    let resumed = try place.lmtc("run", "spec.yaml", "--out", "run", "--resume", "--set", length)
    #expect(resumed.code == 0, "\(resumed.errors)")
    try place.expectSameAsStraight(length)
  }

  @Test func aSignalAfterTrainingLeavesTheRestToResume() throws {
    let place = try Workplace()
    let process = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--quiet", "--set", "data.test_samples=30000"],
      in: place.folder)
    #expect(process.wait { place.contains("run/model.safetensors") })
    process.send(SIGINT)
    let outcome = try process.outcome()
    #expect(outcome.code == 130 && outcome.errors.contains("--resume"))
    #expect(!place.contains("run/certificate.tsv"))
  }

  @Test func aKilledRunGoesOnFromItsLastCheckpoint() throws {
    let place = try Workplace()
    let (length, first) = try place.interrupt(by: SIGKILL)
    #expect(first.code == -SIGKILL)
    for pause in [3_000, 11_000, 29_000] as [UInt32] {
      let process = try LMTCProcess(
        ["run", "spec.yaml", "--out", "run", "--resume", "--quiet", "--set", length],
        in: place.folder)
      usleep(pause)
      process.send(SIGKILL)
      _ = try process.outcome()
    }
    // A half-written file of a process that is gone: no process has this number.
    let leftover = ".checkpoint.safetensors.partial-99999999"
    try Data([1]).write(to: place.folder.appendingPathComponent("run/" + leftover))
    let resumed = try place.lmtc("run", "spec.yaml", "--out", "run", "--resume", "--set", length)
    #expect(resumed.code == 0, "\(resumed.errors)")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: place.folder.appendingPathComponent("run").path)
    #expect(names.sorted() == RunFolderTests.files.sorted())
    try place.expectSameAsStraight(length)
  }

  /// Kills at seeded moments of a run, some of them while the samples and the certificate are written:
  /// nothing that was done is lost, and the run ends with the files of one that nobody killed.
  @Test(arguments: [1, 2] as [UInt64]) func aRunKilledAtAnyMomentEndsTheSame(seed: UInt64) throws {
    let place = try Workplace()
    let settings = "data.test_samples=1500"
    let stream = CounterRandom.stream(seed: seed, "moments")
    var (step, kills) = (0, 0)
    for round in 0..<12 as Range<UInt64> {
      let isResumed = place.contains("run/checkpoint.safetensors")
      let process = try LMTCProcess(
        ["run", "spec.yaml", "--out", "run", "--quiet", "--set", settings]
          + (isResumed ? ["--resume"] : []), in: place.folder)
      let files = [".test.safetensors", ".certificate.json", ".certificate.tsv"]
      if round % 3 == 2 {
        let file = files[Int(round / 3) % files.count]
        _ = process.wait { (try? place.leftovers())?.contains { $0.hasPrefix(file) } ?? false }
      } else {
        let part = CounterRandom.uniform(stream: stream, counter: 0, index: round)
        usleep(UInt32(250_000 * part))
      }
      process.send(SIGKILL)
      if try process.outcome().code == -SIGKILL { kills += 1 }
      let found = place.contains("run") ? try place.stepOfWholeFiles() ?? 0 : 0
      #expect(found >= step, "a checkpoint was lost")
      step = found
    }
    #expect(kills > 6)
    let last = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--set", settings] + (step > 0 ? ["--resume"] : []),
      in: place.folder
    ).outcome()
    #expect(last.code == 0, "\(last.errors)")
    #expect(try place.leftovers().isEmpty)
    try place.expectSameAsStraight(settings)
  }

  @Test func aFinishedRunIsCertifiedAgain() throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    let kept = ["model.safetensors", "certificate.tsv", "metrics.jsonl", "checkpoint.safetensors"]
    let before = try kept.map { try place.bytes("run/" + $0) }
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run", "--resume").code == 0)
    #expect(try kept.map { try place.bytes("run/" + $0) } == before)
  }

  @Test func moreEpochsGoOn() throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    let fewer = try place.lmtc(
      "run", "spec.yaml", "--out", "run", "--resume", "--set", "train.epochs=2")
    #expect(fewer.code == 1 && fewer.errors.contains("error[train.epochs]"))
    let more = try place.lmtc(
      "run", "spec.yaml", "--out", "run", "--resume", "--set", "train.epochs=5")
    #expect(more.code == 0, "\(more.errors)")
    try place.expectSameAsStraight("train.epochs=5")
    let seconds = try place.text("run/metrics.jsonl").matches(of: /"seconds": ([-+.e0-9]+)/)
      .compactMap { Double($0.output.1) }
    #expect(seconds.count == 5 && seconds == seconds.sorted())
  }

  @Test(arguments: [
    ["--seed", "2"], ["--set", "train.batch=15"], ["--set", "data.noise=0.3"],
    ["--set", "network.layers=[dense: 9, dense: 3]"],
  ])
  func anotherRunIsRefused(change: [String]) throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    let before = try place.bytes("run/checkpoint.safetensors")
    let outcome = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--resume"] + change, in: place.folder
    ).outcome()
    #expect(outcome.code == 65 && outcome.errors.contains("weights.other-run"))
    #expect(outcome.errors.contains("help"))
    #expect(try place.bytes("run/checkpoint.safetensors") == before)
    #expect(place.contains("run/model.safetensors"))
  }

  @Test func otherDataOfTheSameSizeIsRefused() throws {
    let spec = """
      lmt: 1
      name: table
      data: {format: csv, train: points.csv, test: points.csv, classes: 2}
      network: {input: [2], layers: [dense: 2]}
      train: {loss: cross_entropy, epochs: 1, batch: 2}
      """
    let place = try Workplace(spec)
    try place.write("1,2,0\n3,4,1\n", to: "points.csv")
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    try place.write("1,2,0\n3,5,1\n", to: "points.csv")
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run", "--resume").code == 65)
  }

  @Test func withoutACheckpointThereIsNothingToResume() throws {
    let place = try Workplace()
    let nowhere = try place.lmtc("run", "spec.yaml", "--out", "run", "--resume")
    #expect(nowhere.code == 66 && !place.contains("run"))
    try FileManager.default.createDirectory(
      at: place.folder.appendingPathComponent("run"), withIntermediateDirectories: true)
    let empty = try place.lmtc("run", "spec.yaml", "--out", "run", "--resume")
    #expect(empty.code == 66 && empty.errors.contains("checkpoint"))
  }

  @Test(arguments: [0, 7, 100, 1000])
  func aDamagedCheckpointIsMalformed(length: Int) throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    let bytes = try place.bytes("run/checkpoint.safetensors")
    try Data(bytes.prefix(length)).write(
      to: place.folder.appendingPathComponent("run/checkpoint.safetensors"))
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run", "--resume").code == 65)
  }
}
