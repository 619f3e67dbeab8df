import Foundation
import Glibc
import TensorGraph
import Testing

@testable import Commands
@testable import Diagnostics
@testable import Files

/// Sweeps can be killed at any moment, and comparisons say what differs.
@Suite struct SweepTests {
  private static let arguments = [
    "sweep", "spec.yaml", "--vary", "train.seed=1..3", "--vary", "train.loss.lmt.c=0.2,1",
    "--quiet", "--threads", "1", "--format", "csv",
  ]

  /// A table without its last two columns, the seconds of training and their deviation.
  private static func withoutSeconds(_ table: String) -> [String] {
    table.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).dropLast(2)
        .joined(separator: ",")
    }
  }

  @Test func aKilledSweepGivesTheTableOfAnUndisturbedOne() throws {
    let place = try Workplace()
    let straight = try LMTCProcess(
      Self.arguments + ["--out", "straight", "--jobs", "1"], in: place.folder
    ).outcome()
    #expect(straight.code == 0, "\(straight.errors)")
    let killed = Self.arguments + ["--out", "killed", "--jobs", "3"]
    for kill in 0..<5 as Range<UInt64> {
      let process = try LMTCProcess(killed, in: place.folder)
      let share = CounterRandom.uniform(stream: 3, counter: kill, index: 0)
      usleep(UInt32(20_000 + share * 150_000))
      process.send(kill % 2 == 0 ? SIGKILL : SIGINT)
      _ = try process.outcome()
    }
    let last = try LMTCProcess(killed, in: place.folder).outcome()
    #expect(last.code == 0, "\(last.errors)")
    #expect(
      Self.withoutSeconds(last.output)
        == Self.withoutSeconds(straight.output.replacing("straight", with: "killed")))
    let rows = last.output.split(separator: "\n")
    #expect(rows.count == 3 && rows[0].hasPrefix("run,train.loss.lmt.c,runs,clean,"))
    #expect(rows[1].hasPrefix("tiny,0.2,3,") && rows[2].hasPrefix("tiny,1,3,"))
  }

  /// The runs end with the sweep, however it ends, and keep what they have.
  @Test(arguments: [SIGINT, SIGKILL]) func runsEndWithTheirSweep(signal: Int32) throws {
    let place = try Workplace()
    let process = try LMTCProcess(
      [
        "sweep", "spec.yaml", "--vary", "train.seed=1..3", "--out", "sweep", "--jobs", "2",
        "--set", "train.epochs=1000000",
      ], in: place.folder)
    let runs = (1...3).map { "sweep/train.seed=\($0)" }
    #expect(process.wait { runs.prefix(2).allSatisfy { place.contains($0 + "/metrics.jsonl") } })
    process.send(signal)
    let outcome = try process.outcome()
    #expect(outcome.code == (signal == SIGINT ? 130 : -SIGKILL))
    if signal == SIGINT {
      #expect(outcome.errors.contains("0 of 3 runs are done, and the others keep what they have"))
    }
    let paths = runs.map { place.folder.appendingPathComponent($0).path }
    let deadline = ContinuousClock.now + .seconds(60)
    while paths.contains(where: RunFolder.isBusy), .now < deadline { usleep(1000) }
    #expect(!paths.contains(where: RunFolder.isBusy), "a run goes on without its sweep")
    for run in runs.prefix(2) { #expect(place.contains(run + "/checkpoint.safetensors")) }
    #expect(!place.contains(runs[2]))
  }

  @Test func twoSweepsDoNotInterleave() throws {
    let place = try Workplace()
    let path = place.folder.appendingPathComponent("sweep").path
    let held = try RunFolder(creating: path, isExclusive: true)
    let outcome = try place.lmtc(
      "sweep", "spec.yaml", "--vary", "train.seed=1,2", "--out", "sweep")
    #expect(outcome.code == 66 && outcome.errors.contains("error[file.busy]"))
    #expect(!held.contains(.metrics))
  }

  /// What cannot hold is left out of the table; a fault of every run ends the sweep.
  @Test func runsWithoutResultsAreLeftOut() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "sweep", "spec.yaml", "--vary", "require=[parameters < 10],[parameters < 1000]", "--format",
      "csv", "--out", "sweep")
    #expect(outcome.code == 2 && outcome.output.split(separator: "\n").count == 2)
    #expect(outcome.errors.contains("error[require."), "\(outcome.errors)")
    #expect(outcome.errors.contains("it has no result"))
    let missing = try place.lmtc(
      "sweep", "spec.yaml", "--vary", "train.seed=1,2", "--out", "other", "--weights", "none.npz",
      "--jobs", "1")
    #expect(missing.code == 66 && missing.errors.contains("error[file.missing]"))
    #expect(missing.errors.contains("0 of 2 runs are done") && missing.output.isEmpty)
  }

  @Test func coresAreUsedOnce() {
    func share(_ jobs: Int?, _ threads: Int?, device: String = "cpu") -> [Int] {
      let invocation = Invocation(specPath: "", device: device, threads: threads)
      let share = CoreShare(invocation, jobs: jobs, cores: 8)
      return [share.jobs, share.threads]
    }
    #expect(share(nil, nil) == [1, 8] && share(nil, 2) == [4, 2] && share(nil, 16) == [1, 16])
    #expect(share(4, nil) == [4, 2] && share(16, nil) == [16, 1] && share(3, 3) == [3, 3])
    #expect(share(nil, 2, device: "xla:a") == [1, 2])
  }

  @Test func anEntryOfAnotherKindIsOneColumn() throws {
    let place = try Workplace()
    for (run, loss) in [("a", "cross_entropy"), ("b", "{lmt: {c: 0.1}}"), ("c", "{lmt: {c: 1}}")] {
      let outcome = try place.lmtc(
        "run", "spec.yaml", "--out", run, "--set", "train.loss=\(loss)", "--set", "train.epochs=1",
        "--quiet")
      #expect(outcome.code == 0)
    }
    func columns(_ runs: String...) throws -> [Substring] {
      let outcome = try LMTCProcess(
        ["compare"] + runs + ["--format", "csv"], in: place.folder
      ).outcome()
      return outcome.output.split(separator: "\n")[0].split(separator: ",").prefix(4).dropFirst()
        .map { $0 }
    }
    #expect(try columns("a", "b").prefix(2) == ["train.loss", "runs"])
    #expect(try columns("a", "b", "c") == ["train.loss", "train.loss.lmt.c", "runs"])
    #expect(try columns("b", "c").prefix(2) == ["train.loss.lmt.c", "runs"])
    let logged = try place.lmtc(
      "run", "spec.yaml", "--out", "d", "--set", "train.loss={lmt: {c: 1}}", "--set",
      "train.epochs=1", "--set", "train.log=[tensorboard]", "--quiet")
    #expect(logged.code == 0)
    #expect(try columns("c", "d").first == "runs")
  }

  @Test func runsAreComparedInEveryFormat() throws {
    let place = try Workplace()
    for (run, radius) in [("a", "[0.1]"), ("b", "[0.1, 1/2]")] {
      let outcome = try place.lmtc(
        "run", "spec.yaml", "--out", run, "--set", "certify.radii=\(radius)", "--quiet")
      #expect(outcome.code == 0)
    }
    func compare(_ format: String) throws -> String {
      let outcome = try place.lmtc(
        "compare", "a", "b", "--format", format, "--plot", "curves.svg")
      #expect(outcome.code == 0 && outcome.errors.isEmpty)
      return outcome.output
    }
    let text = try compare("text").split(separator: "\n")
    #expect(text.count == 4 && text[0].contains("certify.radii[1]"))
    #expect(text[0].contains("certified(1/2)") && text[2].contains("—"))
    #expect(try compare("markdown").hasPrefix("| run | certify.radii[1] | runs | clean |"))
    let latex = try compare("latex")
    #expect(latex.hasPrefix("\\begin{tabular}{llrrrrrrr}") && latex.contains("\\%"))
    let json = try document(try compare("json"))
    #expect(json["paths"] as? [String] == ["certify.radii[1]"])
    #expect((json["rows"] as? [Any])?.count == 2)
    #expect(try place.text("curves.svg").contains("</svg>"))
  }

  @Test(arguments: [
    ("train.seed", "path.to.key"), ("let.c=1,,2", "empty"), ("let.c=1,1", "twice"),
    ("train.seed=5..1", "ascend"),
  ])
  func aWrongVariationIsRefused(_ text: String, _ words: String) throws {
    let outcome = try Workplace().lmtc("sweep", "spec.yaml", "--vary", text)
    #expect(outcome.code == 64 && outcome.errors.contains("error[usage.vary]"))
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test func variationsThatAreTooManyOrNamedTwiceAreRefused() throws {
    let place = try Workplace()
    let values = ["a", "b", "c", "d", "e"].flatMap { ["--vary", "let.\($0)=1..10000"] }
    let many = try LMTCProcess(["sweep", "spec.yaml"] + values, in: place.folder).outcome()
    #expect(many.code == 64 && many.errors.contains("at most 10,000 runs"), "\(many.errors)")
    let twice = try place.lmtc(
      "sweep", "spec.yaml", "--vary", "train.seed=1", "--vary", "train.seed=2")
    #expect(
      twice.code == 64 && twice.errors.contains("names 'train.seed' twice"), "\(twice.errors)")
  }

  @Test func aMistakeInTheLastRunShowsBeforeTheFirst() throws {
    let place = try Workplace()
    let outcome = try place.lmtc("sweep", "spec.yaml", "--vary", "train.batch=16,none")
    #expect(outcome.code == 1 && !place.contains("runs"))
  }

  @Test func valuesAreSplitOutsideBrackets() throws {
    let variation = try Variation("train.loss={lmt: {c: 1, variant: pairwise}}, cross_entropy")
    #expect(variation.values == ["{lmt: {c: 1, variant: pairwise}}", "cross_entropy"])
    #expect(try Variation("train.seed=-1..2").values == ["-1", "0", "1", "2"])
    #expect(try Variation("a=\"x,y\",z").values == ["\"x,y\"", "z"])
  }

  @Test func namesOfFoldersDiffer() {
    #expect(Variation.folderName(["train.seed=1", "let.c=0.5"]) == "train.seed=1_let.c=0.5")
    let (first, second) = (Variation.folderName(["a=b/c"]), Variation.folderName(["a=b c"]))
    #expect(first != second && !first.contains("/") && first.hasPrefix("a=b-c-"))
    #expect(Variation.folderName(["../../x=1"]).hasPrefix("-..-x=1-"))
  }
}
