import CPUBackend
import Execution
import Foundation
import MatrixProducts
import Testing

@testable import Certification
@testable import Commands
@testable import Files
@testable import Verifier

/// Parts of the test points that are certified apart, and joined.
@Suite struct ShardTests {
  static let files = [
    "spec.resolved.yaml", "model.safetensors", "test.safetensors", "certificate.json",
    "certificate.tsv",
  ]

  /// A folder with trained weights and the shards `part-1` … `part-N`.
  private func shards(
    _ count: Int, set overrides: [String] = [], threads: Int = 1
  ) throws -> Workplace {
    let place = try Workplace()
    _ = try place.train(set: overrides)
    for number in 1...count {
      let options = ["--shard", "\(number)/\(count)", "--out", "part-\(number)"]
      #expect(try place.certify(options, set: overrides, threads: threads).code == 0)
    }
    return place
  }

  @Test(arguments: [
    (1, 1, 30), (2, 1, 30), (4, 2, 30), (30, 1, 30), (7, 2, 250), (3, 1, 33),
  ])
  func joinedShardsAreTheWhole(count: Int, threads: Int, points: Int) throws {
    let settings = [
      "data.test_samples=\(points)", "require=[clean_accuracy > 0.1, lipschitz < 1e6]",
    ]
    let place = try shards(count, set: settings, threads: threads)
    #expect(try place.certify(["--out", "whole"], set: settings, threads: threads).code == 0)
    let parts = (1...count).map { "part-\($0)" }
    let outcome = try place.merge(parts.reversed())
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("tiny: \(points) test points"))
    for file in Self.files {
      #expect(try place.bytes("merged/" + file) == place.bytes("whole/" + file), "\(file)")
    }
    #expect(try place.result("merged") == place.result("whole"))
    for folder in parts.prefix(3) + ["merged"] {
      let verified = try place.lmtc("verify", folder)
      #expect(verified.code == 0, "\(folder): \(verified.output)\(verified.errors)")
    }
  }

  @Test func aShardStatesWhichPartItIs() throws {
    let place = try shards(4, set: ["require=[clean_accuracy > 0.99, lipschitz < 1e6]"])
    let text = try place.text("part-2/certificate.json")
    #expect(text.contains(#""number": 2,"#) && text.contains(#""of": 4,"#))
    #expect(text.contains(#""first": 7,"#) && text.contains(#"{"index": 7, "#))
    let table = try place.text("part-2/certificate.tsv").split(separator: "\n")
    #expect(table[1].hasPrefix("7\t") && table.count == 9)
    let result = try place.text("part-2/result.json")
    #expect(result.contains("deferred") && result.contains("holds"))
    let verified = try place.lmtc("verify", "part-2")
    #expect(verified.code == 0 && verified.output.contains("shard 2/4"))
    let audit = try place.lmtc("audit", "part-2", "--samples", "10")
    #expect(audit.code == 65 && audit.errors.contains("all test points"))
  }

  @Test(arguments: [
    (#""first": 7"#, #""first": 8"#), (#""first": 7"#, #""first": 23"#),
    (#""first": 7"#, #""first": -1"#), (#""points": 8"#, #""points": 7"#),
    (#""number": 2"#, #""number": 5"#), (#""samples": 30"#, #""samples": 29"#),
    (#""samples": 30"#, #""samples": 14"#), (#"{"index": 7,"#, #"{"index": 0,"#),
  ])
  func aWrongShardIsRefused(old: String, new: String) throws {
    let place = try shards(4)
    let text = try place.text("part-2/certificate.json")
    #expect(text.contains(old))
    try place.write(
      text.replacing(old, with: new, maxReplacements: 1), to: "part-2/certificate.json")
    let code = try place.lmtc("verify", "part-2").code
    // Another number of samples in all cannot be noticed without the raw data, which are generated.
    #expect(code == 3 || code == 65, "\(new): \(code)")
    #expect(try place.merge((1...4).map { "part-\($0)" }).code == 65)
  }

  @Test(arguments: ["0/2", "3/2", "1/0", "-1/2", "1", "1/2/3", "a/b", "1/", "01/2", "1 /2"])
  func aShardThatIsNoneIsWrongUsage(text: String) throws {
    let place = try Workplace()
    let outcome = try place.certify(["--shard=\(text)"])
    #expect(outcome.code == 64 && outcome.errors.contains("--shard"))
  }

  @Test func shardsNeedPointsAndNoAttacks() throws {
    let place = try Workplace()
    _ = try place.train()
    let empty = try place.certify(["--shard", "1/31"])
    #expect(empty.code == 64 && empty.errors.contains("usage.shard"))
    let attacked = try place.certify(
      ["--shard", "1/2"], set: ["certify.attacks=[fgsm]"])
    #expect(attacked.code == 64 && attacked.errors.contains("certify.attacks"))
  }

  @Test func whatDoesNotFitTogetherIsRefused() throws {
    let place = try shards(3)
    func refusal(_ parts: [String], _ words: String) throws {
      let outcome = try place.merge(parts)
      #expect(outcome.code == 65 && outcome.errors.contains("data.shard"), "\(words)")
      #expect(outcome.errors.contains(words), "\(words): \(outcome.errors)")
      #expect(!place.contains("merged"))
    }
    try refusal(["part-1", "part-3"], "no shard has the test points 10 to 19")
    try refusal(["part-1", "part-2"], "no shard has the test points 20 to 29")
    try refusal(["part-2", "part-3"], "no shard has the test points 0 to 9")
    try refusal(["part-1", "part-2", "part-2", "part-3"], "test point 10 is also in")
    #expect(try place.certify(["--out", "whole"]).code == 0)
    try refusal(["whole"], "not of a shard")
    let second = ["--shard", "2/3", "--out", "other", "--overwrite"]
    #expect(try place.certify(second, set: ["certify.radii=[0.2]"]).code == 0)
    try refusal(["part-1", "other", "part-3"], "spec")
    #expect(try place.certify(second, set: ["data.noise=0.3"]).code == 0)
    try refusal(["part-1", "other", "part-3"], "spec")
    _ = try place.train(set: ["train.epochs=1"], into: "run")
    #expect(try place.certify(second).code == 0)
    try refusal(["part-1", "other", "part-3"], "weights")
    try place.write("{", to: "other/certificate.json")
    try refusal(["part-1", "other", "part-3"], "lmtc wrote")
    #expect(try place.merge(["part-1", "part-2", "nowhere"]).code == 66)
    var samples = try place.bytes("part-2/test.safetensors")
    samples[samples.count - 100] ^= 1
    try Data(samples).write(to: place.folder.appendingPathComponent("part-2/test.safetensors"))
    try refusal(["part-1", "part-2", "part-3"], "test.safetensors")
    #expect(try place.lmtc("merge", "part-1", "--out", "part-1").code != 0)
  }

  @Test func shardsCoverAllPointsEvenly() throws {
    for total in [1, 2, 7, 100, 60_000] {
      for count in [1, 2, 3, 7, 64] {
        let ranges = try (1...count).map { try #require(Shard($0, of: count)).range(of: total) }
        #expect(ranges.flatMap { $0 } == Array(0..<total))
        let sizes = ranges.map(\.count)
        #expect(sizes.max()! - sizes.min()! <= 1)
      }
    }
  }

  @Test func aPointTakesLessThan200Bytes() throws {
    let layers = "network.layers=[dense: 8, relu, dense: 1000]"
    let place = try Workplace()
    let settings = [layers, "data.classes=1000", "data.test_samples=300"]
    _ = try place.train(set: settings + ["train.epochs=1"])
    let outcome = try place.certify(["--out", "whole"], set: settings + ["train.epochs=1"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = try place.text("whole/certificate.json").split(separator: "\n")
    let points = lines.filter { $0.contains(#"{"index": "#) }
    #expect(points.count == 300)
    #expect(points.allSatisfy { $0.utf8.count + 1 < 200 })
    // Every number at its longest.
    let longest = PointCertificate(
      index: 10_000_000, label: 9999, predicted: 9999,
      radius: .init(proven: 1.2345678901234567e-300),
      rival: .init(label: 9999, margin: 1.2345678901234567e-300, error: 1.2345678901234567e-300))
    #expect(CertificateText.indentation.utf8.count + longest.json.text.utf8.count + 2 < 200)
  }
}

extension Workplace {
  /// Certifies the weights of `run` in a process of its own.
  func certify(
    _ options: [String], set overrides: [String] = [], threads: Int = 1
  ) throws -> LMTCProcess.Outcome {
    try LMTCProcess(
      ["certify", "spec.yaml", "--weights", "run/model.safetensors", "--threads", "\(threads)"]
        + overrides.flatMap { ["--set", $0] } + options, in: folder
    ).outcome()
  }

  /// Joins shards into `merged`.
  func merge(_ parts: [String]) throws -> LMTCProcess.Outcome {
    try LMTCProcess(["merge"] + parts + ["--out", "merged"], in: folder).outcome()
  }

  /// A result without the time at which and the seconds in which it came about, its threads, and how the path of
  /// its spec was written.
  func result(_ run: String) throws -> String {
    try text(run + "/result.json").replacing(/"(bounds_|forward_)?seconds": [-+.e0-9]+/, with: "")
      .replacing(/"(date|threads|path)": [^,\n]+/, with: "")
  }
}
