import Digest
import Foundation
import Testing

@testable import Files

/// What `lmtc run`, `compile` and `certify` leave for people and scripts.
@Suite struct RunFolderTests {
  static let files = [
    "spec.yaml", "spec.resolved.yaml", "model.safetensors", "checkpoint.safetensors",
    "metrics.jsonl", "result.json", "certificate.tsv", "certificate.json", "test.safetensors",
    "report.html",
  ]

  static let result: [String: JSONShape] = [
    "name": .text, "points": .number, "clean_accuracy": .number,
    "certified_accuracy": .list(
      .object(["radius": .text, "value": .number, "accuracy": .number])),
    "radius": .object(["median": .number, "mean": .number]),
    "attacks": .anyList,
    "lipschitz": .object(["upper": .number, "lower": .number]),
    "requirements": .anyList, "diagnostics": .anyList,
  ]

  static let training = JSONShape.object([
    "epochs": .number, "steps": .number, "seconds": .number, "images_per_second": .number,
  ])

  @Test func aRunLeavesEveryFile() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "run", "spec.yaml", "--out", "deep/run", "--json", "--set", "require=[lipschitz <= 1e9]")
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    for file in Self.files { #expect(place.contains("deep/run/" + file), "\(file)") }
    #expect(try place.bytes("deep/run/spec.yaml") == place.bytes("spec.yaml"))
    #expect(outcome.output == (try place.text("deep/run/result.json")))

    let shape = JSONShape.object(
      Self.result.merging(["train": Self.training, "requirements": JSONShape.requirements]) { $1 })
    let result = try document(outcome.output)
    #expect(shape.mismatch(result) == nil)
    #expect(result["points"] as? Int == 30)
    #expect((result["train"] as? [String: Any])?["steps"] as? Int == 12)

    let rows = try place.text("deep/run/certificate.tsv").split(separator: "\n")
    #expect(rows.first == "index\tlabel\tpredicted\tradius\tcorrect")
    #expect(rows.count == 31 && rows.allSatisfy { $0.split(separator: "\t").count == 5 })
  }

  @Test func theFolderIsNamedAfterTheSpec() throws {
    let place = try Workplace()
    let outcome = try place.lmtc("run", "spec.yaml", "--quiet", "--set", "train.epochs=1")
    #expect(outcome.code == 0 && place.contains("runs/tiny/model.safetensors"))
    #expect(outcome.output.contains("certified"))
  }

  @Test func aDataFileIsFoundFromTheSpecAndFromItsResolvedCopy() throws {
    let rows = (0..<12).map { "\($0),\(12 - $0),\($0 % 2)" }.joined(separator: "\n") + "\n"
    let place = try Workplace(
      """
      lmt: 1
      name: table
      data: {format: csv, train: points.csv, test: points.csv, classes: 2}
      network: {input: [2], layers: [dense: 2]}
      train: {loss: cross_entropy, epochs: 2, batch: 4}
      """)
    try place.write(rows, to: "points.csv")
    #expect(try place.lmtc("run", "spec.yaml", "--out", "first").code == 0)
    let again = try place.lmtc("run", "first/spec.resolved.yaml", "--out", "second")
    #expect(again.code == 0, "\(again.errors)")
    #expect(try place.bytes("first/model.safetensors") == place.bytes("second/model.safetensors"))
  }

  @Test func theSameSpecGivesTheSameBytes() throws {
    let place = try Workplace()
    for run in ["first", "second"] {
      #expect(try place.lmtc("run", "spec.yaml", "--threads", "2", "--out", run).code == 0)
    }
    #expect(
      try place.lmtc("run", "spec.yaml", "--threads", "2", "--seed", "2", "--out", "other").code
        == 0)
    for file in Self.files where !["result.json", "metrics.jsonl", "report.html"].contains(file) {
      #expect(try place.bytes("first/" + file) == place.bytes("second/" + file), "\(file)")
    }
    #expect(try place.metrics(of: "first") == place.metrics(of: "second"))
    #expect(try place.bytes("first/model.safetensors") != place.bytes("other/model.safetensors"))
  }

  @Test func aRunOfAnotherSpecIsKept() throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    let before = try place.bytes("run/result.json")
    for command in [["run"], ["certify", "--weights", "run/model.safetensors"]] {
      let outcome = try LMTCProcess(
        command + ["spec.yaml", "--out", "run", "--set", "certify.radii=[0.3]"], in: place.folder
      ).outcome()
      #expect(outcome.code == 66 && outcome.errors.contains("error[file.other-spec]"))
      #expect(outcome.errors.contains("--overwrite"))
    }
    #expect(try place.bytes("run/result.json") == before)
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
  }

  @Test func twoRunsDoNotInterleave() throws {
    let place = try Workplace()
    let path = place.folder.appendingPathComponent("run").path
    let held = try RunFolder(creating: path, isExclusive: true)
    let outcome = try place.lmtc("run", "spec.yaml", "--out", "run")
    #expect(outcome.code == 66 && outcome.errors.contains("error[file.busy]"))
    #expect(!held.contains(.metrics))
  }

  @Test func theResultSaysHowItCameAbout() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "run", "spec.yaml", "--json", "--seed", "7", "--threads", "2", "--set", "train.epochs=1")
    let result = try document(outcome.output)
    let provenance = try #require(result["provenance"] as? [String: Any])
    #expect(provenance["overrides"] as? [String] == ["train.epochs=1"])
    #expect(provenance["seed"] as? Int == 7 && provenance["threads"] as? Int == 2)
    #expect(provenance["device"] as? String == "cpu" && provenance["lmtc"] is String)
    let date = try #require(provenance["date"] as? String)
    #expect(date.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    let spec = try #require(provenance["spec"] as? [String: String])
    #expect(spec["path"] == "spec.yaml")
    #expect(spec["sha256"] == SHA256.hexadecimalDigest(of: try place.bytes("spec.yaml")))
    let layers = try #require(result["layers"] as? [[String: Any]])
    #expect(layers.compactMap { $0["name"] as? String } == ["dense_1", "relu_1", "dense_2"])
  }

  @Test func aNewRunRemovesTheResultsOfTheOneBefore() throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    let failed = try place.lmtc(
      "run", "spec.yaml", "--out", "run", "--overwrite", "--set",
      "train.optimizer={sgd: 1e9}")
    #expect(failed.code == 1)
    for file in ["model.safetensors", "result.json", "certificate.tsv"] {
      #expect(!place.contains("run/" + file), "\(file)")
    }
  }

  /// 640,000 initial weights are not drawn unless their norms are asked for.
  @Test func manyInitialWeightsGetNumbersOnRequest() throws {
    let place = try Workplace(
      """
      lmt: 1
      name: wide
      data: {format: synthetic, distribution: digits, samples: 8}
      network:
        input: [1, 16, 16]
        layers: [flatten, dense: 2500, relu, dense: 10]

      """)
    func upper(_ arguments: String...) throws -> Any? {
      let base = ["compile", "spec.yaml", "--json", "--set", "require=[lipschitz <= 1]"]
      let outcome = try LMTCProcess(base + arguments, in: place.folder).outcome()
      #expect(outcome.code == 0, "no requirement is decided by initial weights")
      let report = try document(outcome.output)
      let requirements = report["requirements"] as? [[String: Any]]
      #expect(requirements?.first?["verdict"] as? String == "deferred")
      let lipschitz = try #require(report["lipschitz"] as? [String: Any])
      #expect((lipschitz["expression"] as? String)?.contains("σ(dense_1)") == true)
      return lipschitz["upper"]
    }
    #expect(try upper() is NSNull)
    #expect(try upper("--tight") is Double)
    let text = try place.lmtc("compile", "spec.yaml")
    #expect(text.code == 0 && text.output.contains("  network   L = σ(dense_1)·σ(dense_2)\n"))
    #expect(text.output.contains("without numbers"))
  }

  @Test func compileReportsEveryLayer() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "compile", "spec.yaml", "--json", "--set", "require=[parameters <= 67, lipschitz <= 1]")
    #expect(outcome.code == 0)
    let bound: [String: JSONShape] = ["expression": .text, "upper": .optionalNumber]
    let layer: [String: JSONShape] = [
      "name": .text, "kind": .text, "line": .number, "column": .number,
      "input": .list(.number), "output": .list(.number), "parameters": .number,
      "bound": .object(bound.merging(["lower": .optionalNumber, "method": .text]) { $1 }),
    ]
    let shape = JSONShape.object([
      "lmtc": .text, "name": .text, "parameters": .number, "weights": .text,
      "layers": .list(.object(layer)),
      "lipschitz": .object(
        bound.merging(["lower": .optionalNumber, "composition": .text]) { $1 }),
      "pairwise": .object(bound), "requirements": JSONShape.requirements, "diagnostics": .anyList,
    ])
    let report = try document(outcome.output)
    #expect(shape.mismatch(report) == nil)
    #expect(report["parameters"] as? Int == 67)
    #expect(report["weights"] as? String == "initial")
    let verdicts = (report["requirements"] as? [[String: Any]])?.map {
      $0["verdict"] as? String
    }
    #expect(verdicts == ["holds", "deferred"])
  }
}
