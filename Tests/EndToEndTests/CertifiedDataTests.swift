import Digest
import Foundation
import Testing

@testable import Verifier

/// A certificate is about all samples of the data it names, in their order and units, and about nothing
/// else; so are the files that repeat it.
@Suite struct CertifiedDataTests {
  /// Points in the plane with two decimals and their quadrant as the label.
  private static let points: [String] = (0..<24).map { index in
    let x = (index % 2 == 0 ? 1 : -1) * (20 + 3 * index)
    let y = (index / 2 % 2 == 0 ? 1 : -1) * (90 - 2 * index)
    return "\(x).5,\(y).25,\((x > 0 ? 0 : 1) + (y > 0 ? 0 : 2))"
  }

  private static func table(_ rows: [String]) -> String { rows.joined(separator: "\n") + "\n" }

  private static func spec(test: String, scale: String) -> String {
    """
    lmt: 1
    name: quadrants
    data: {format: csv, train: train.csv, test: \(test), scale: \(scale)}
    network: {input: [2], layers: [dense: 8, relu, dense: 4]}
    train: {loss: cross_entropy, optimizer: {adam: {learning_rate: 0.05}}, epochs: 30, batch: 8}
    certify: {radii: [0.1, 1/4, sqrt(2)/10]}
    require: [lipschitz < 1e6, certified_accuracy(1/10) >= 0.01, clean_accuracy > 1]

    """
  }

  /// A run on `test.csv`, or on other rows in other units that pretends to be on `test.csv`.
  private static func run(
    forging rows: [String] = points, scale: String = "1/64"
  ) throws -> CertifiedRun {
    let run = try CertifiedRun(
      spec(test: "forged.csv", scale: scale),
      files: [
        "train.csv": table(points), "test.csv": table(points), "forged.csv": table(rows),
      ])
    let honest = SHA256.hexadecimalDigest(of: Array(table(points).utf8))
    let forged = SHA256.hexadecimalDigest(of: Array(table(rows).utf8))
    try run.write(
      try run.text.replacing(forged, with: honest).replacing("forged.csv", with: "test.csv")
        .replacing("\"scale\": \"\(scale)\"", with: "\"scale\": \"1/64\""))
    try run.place.write(
      try run.place.text("run/spec.resolved.yaml").replacing("forged.csv", with: "test.csv")
        .replacing("scale: \(scale)\n", with: "scale: 1/64\n"), to: "run/spec.resolved.yaml")
    try run.seal("spec", "spec.resolved.yaml")
    return run
  }

  @Test func samplesAreComparedWithTheRawFiles() throws {
    let run = try Self.run()
    let unchecked = try run.place.lmtc("verify", "run/certificate.json")
    #expect(unchecked.code == 0 && unchecked.output.contains("not checked:"), "\(unchecked.errors)")
    let outcome = try run.place.lmtc("verify", "run", "--data", "test.csv")
    #expect(outcome.code == 0 && !outcome.output.contains("not checked"), "\(outcome.errors)")
    let report = try document(
      try run.place.lmtc("verify", "run", "--data", "test.csv", "--json").output)
    let data = try #require(report["data"] as? [String: Any])
    #expect(data["recomputed"] as? Bool == true && data["scale"] as? String == "1/64")
    // Where the folder lies does not matter.
    let moved = run.place.folder.appendingPathComponent("moved")
    try FileManager.default.moveItem(at: run.place.folder.appendingPathComponent("run"), to: moved)
    try FileManager.default.removeItem(at: run.place.folder.appendingPathComponent("forged.csv"))
    #expect(try run.place.lmtc("verify", "moved", "--data", "test.csv").code == 0)
    #expect(try run.place.lmtc("verify", "moved", "--data", "nothing.csv").code == 66)
    let other = try run.place.lmtc("verify", "moved", "--data", "spec.yaml")
    #expect(other.code == 3 && other.errors.contains("data.files[0]"), "\(other.errors)")
  }

  /// The checker alone cannot see any of these, since the digests of the folder are those of a forger.
  @Test(arguments: ["subset", "repeated", "relabeled", "reordered", "scaled", "changed"])
  func otherSamplesAreRefused(_ kind: String) throws {
    let points = Self.points
    let run =
      switch kind {
      case "subset": try Self.run(forging: Array(points[..<20]))
      case "repeated": try Self.run(forging: Array(repeating: points[4], count: points.count))
      case "relabeled":
        try Self.run(forging: points.map { $0.hasSuffix("3") ? $0.dropLast() + "2" : $0 })
      case "reordered": try Self.run(forging: points.reversed())
      case "scaled": try Self.run(scale: "1/32")
      default: try Self.run(forging: points.map { $0.replacing("38.5", with: "38.50001") })
      }
    #expect(try run.refusal() == nil)
    let outcome = try run.place.lmtc("verify", "run", "--data", "test.csv")
    #expect(outcome.code == 3 && outcome.errors.contains("certificate.data"), "\(outcome.errors)")
    #expect(outcome.errors.contains("test.safetensors"))
  }

  @Test func generatedSamplesAreMadeAgain() throws {
    let run = try CertifiedRun()
    let outcome = try run.place.lmtc("verify", "run")
    #expect(outcome.code == 0 && outcome.output.contains("generated again"), "\(outcome.errors)")
    let other = try CertifiedRun(Workplace.tiny.replacing("noise: 0.2", with: "noise: 0.3"))
    let file = "run/spec.resolved.yaml"
    try other.place.write(
      try other.place.text(file).replacing("noise: 0.3", with: "noise: 0.2"), to: file)
    try other.seal("spec", "spec.resolved.yaml")
    try other.write(
      try other.text.replacing("\"noise\": \"0.3\"", with: "\"noise\": \"0.2\""))
    #expect(try other.refusal() == nil)
    #expect(try other.place.lmtc("verify", "run").code == 3)
  }

  @Test(arguments: [
    ("\"samples\": 24", "\"samples\": 23", "data.samples"),
    ("\"scale\": \"1/64\"", "\"scale\": \"1/32\"", "data.scale"),
    ("\"label\": \"last\"", "\"label\": \"first\"", "data.selection.label"),
    ("\"header\": \"false\", ", "", "data.selection"),
    ("\"format\": \"csv\"", "\"format\": \"npz\"", "data.format"),
    ("\"split\": \"test\"", "\"split\": \"train\"", "data.split"),
  ])
  func aClaimOfOtherDataIsRefused(_ forgery: (old: String, new: String, path: String)) throws {
    let run = try Self.run()
    let text = try run.text
    let changed = text.replacing(forgery.old, with: forgery.new)
    #expect(changed != text)
    try run.write(changed)
    let refusal = try run.refusal()
    #expect(refusal?.kind == .refuted && refusal?.place.path == forgery.path)
  }

  /// Every point has to be there once and in order, also where few are re-evaluated.
  @Test func pointsThatAreNotTheSamplesAreRefused() throws {
    let run = try Self.run()
    let text = try run.text
    for (old, new, path) in [
      ("\"index\": 7", "\"index\": 8", "points[7].index"),
      ("\"index\": 23", "\"index\": 0", "points[23].index"),
      ("\"index\": 5, \"label\": ", "\"index\": 5, \"label\": 1", "points[5].label"),
    ] {
      try run.write(text.replacing(old, with: new))
      #expect(try run.refusal(sample: 1)?.place.path == path)
    }
    let last = try #require(text.firstRange(of: /,\s*\{"index": 23[^}]*\}/))
    try run.write(text.replacingCharacters(in: last, with: ""))
    #expect(try run.refusal(sample: 1)?.place.path == "points")
  }

  @Test func theDrawnPointsFollowFromAPrintedSeed() throws {
    let run = try Self.run()
    func outcome(_ arguments: String...) throws -> [String: Any] {
      try document(
        try LMTCProcess(["verify", "run", "--json"] + arguments, in: run.place.folder).outcome()
          .output)
    }
    #expect(try outcome("--sample", "3", "--seed", "9")["seed"] as? Int == 9)
    let drawn = try (0..<2).map { _ in try outcome("--sample", "3")["seed"] as? Int }
    #expect(drawn[0] != nil && drawn[0] != drawn[1])
    #expect(try outcome("--sample", "24")["seed"] is NSNull)
    let text = try run.place.lmtc("verify", "run", "--sample", "2", "--seed", "5").output
    #expect(text.contains("2 of 24 points (--seed 5)"), "\(text)")
  }
}

/// `certificate.tsv` and `result.json`.
extension CertifiedDataTests {
  private func refusal(
    _ run: CertifiedRun, _ file: String, replacing old: String, with new: String
  ) throws -> Refusal? {
    let text = try run.place.text("run/" + file)
    let changed = text.replacing(try Regex(old), with: new, maxReplacements: 1)
    #expect(changed != text)
    try run.place.write(changed, to: "run/" + file)
    defer { try? run.place.write(text, to: "run/" + file) }
    return try run.refusal()
  }

  @Test func anEditedTableIsRefused() throws {
    let run = try Self.run()
    for (old, new, line) in [
      (#"\n3\t(\d)\t(\d)\t0\."#, "\n3\t3\t3\t9.", 5), (#"\n23\t.*\n"#, "\n", 1),
      (#"correct"#, "right", 1),
      (#"\n0\t"#, "\n1\t", 2), (#"\t1\n"#, "\t0\n", 2),
    ] as [(String, String, Int)] {
      let refusal = try refusal(run, "certificate.tsv", replacing: old, with: new)
      #expect(refusal?.kind == .refuted && refusal?.place.line == line, "\(new)")
    }
    let row = try #require(
      try run.place.text("run/certificate.tsv").firstMatch(
        of: /(?m)^(\d+)\t(\d)\t(\d)\t(0\.\d*[1-9]\d*)/))
    let radius = try #require(Double(row.output.4))
    let other = try refusal(
      run, "certificate.tsv",
      replacing: NSRegularExpression.escapedPattern(for: String(row.output.4)),
      with: "\(radius.nextUp)")
    #expect(other?.message.hasPrefix("radius: the certificate has \(radius)") == true)
    #expect(try run.refusal() == nil)
  }

  @Test(
    arguments: [
      ("points", #""points": \d+"#, "\"points\": 25"),
      ("name", #""name": "quadrants""#, "\"name\": \"squares\""),
      ("clean_accuracy", #""clean_accuracy": [\d.]+"#, "\"clean_accuracy\": 0.987"),
      ("certified_accuracy[0].accuracy", #""accuracy": [\d.]+"#, "\"accuracy\": 0.987"),
      ("certified_accuracy[0].value", #""value": 0.1,"#, "\"value\": 0.2,"),
      ("certified_accuracy[1].radius", #""radius": "1/4""#, "\"radius\": \"1/2\""),
      ("radius.median", #""median": [\d.e-]+"#, "\"median\": 3.5"),
      ("radius.mean", #""mean": [\d.e-]+"#, "\"mean\": 3.5"),
      ("lipschitz.upper", #""upper": [\d.e-]+"#, "\"upper\": 0.5"),
      ("requirements[2].verdict", #""verdict": "fails""#, "\"verdict\": \"holds\""),
      ("requirements[0].text", #""text": "lipschitz < 1e6""#, "\"text\": \"lipschitz < 1\""),
    ])
  func anEditedResultIsRefused(
    _ path: String, _ old: String, _ new: String
  ) throws {
    let run = try Self.run()
    let refusal = try refusal(run, "result.json", replacing: old, with: new)
    #expect(
      refusal?.kind == .refuted && refusal?.place.path == path, "\(String(describing: refusal))")
    #expect(refusal?.place.line != nil)
  }

  @Test func aFolderWithoutThemIsVerified() throws {
    let run = try Self.run()
    for file in ["certificate.tsv", "result.json"] {
      try FileManager.default.removeItem(
        at: run.place.folder.appendingPathComponent("run/" + file))
    }
    let report = try document(try run.place.lmtc("verify", "run", "--json").output)
    #expect((report["compared"] as? [String])?.isEmpty == true)
  }
}
