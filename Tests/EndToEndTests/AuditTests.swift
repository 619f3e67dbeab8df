import Foundation
import Testing

@testable import Runtime

/// `lmtc audit` of run folders as they are and falsified.
@Suite struct AuditTests {
  /// A finished run of a linear network, whose radii are tight.
  private func linearRun() throws -> Workplace {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "run", "spec.yaml", "--out", "run", "--set", "network.layers=[dense: 3]", "--set",
      "train.epochs=20", "--set", "train.optimizer={adam: 0.02}", "--set", "data.noise=0.1")
    #expect(outcome.code == 0, "\(outcome.errors)")
    return place
  }

  /// Multiplies every radius of the folder's table.
  private func enlargeRadii(_ place: Workplace, by factor: Double) throws {
    let lines = try place.text("run/certificate.tsv").split(separator: "\n")
    let rows = lines.dropFirst().map { line -> String in
      var fields = line.split(separator: "\t").map(String.init)
      fields[3] = "\((Double(fields[3]) ?? 0) * factor)"
      return fields.joined(separator: "\t")
    }
    try place.write(
      ([String(lines[0])] + rows).joined(separator: "\n") + "\n", to: "run/certificate.tsv")
  }

  @Test func certificatesHold() throws {
    let place = try linearRun()
    let outcome = try place.lmtc("audit", "run", "--samples", "20000", "--json")
    #expect(outcome.code == 0, "\(outcome.errors) \(outcome.output)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let phase: [String: JSONShape] = [
      "name": .text, "tried": .number, "contradictions": .number, "seconds": .number,
    ]
    #expect(JSONShape.list(.object(phase)).mismatch(report["phases"]) == nil)
    let phases = try #require(report["phases"] as? [[String: Any]])
    #expect(phases.count == 7)
    #expect(phases.allSatisfy { ($0["tried"] as? Int ?? 0) > 0 })
    #expect(!place.contains("run/witnesses.npz"))
    #expect(try place.lmtc("audit", "run", "--samples", "0").output.contains("no certificate"))
  }

  @Test(arguments: [2, 1.01])
  func enlargedRadiiAreContradicted(factor: Double) throws {
    let place = try linearRun()
    try enlargeRadii(place, by: factor)
    let outcome = try place.lmtc("audit", "run", "--samples", "2000")
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("certificate.contradicted"))
    let witnesses = try NPZ.decode(try place.bytes("run/witnesses.npz"), path: "witnesses.npz")
    let found = try #require(witnesses["found"]?.elements)
    let claimed = try #require(witnesses["claimed"]?.elements)
    #expect(!found.isEmpty && zip(found, claimed).allSatisfy { $0 <= $1 })
  }

  @Test func aSmallerConstantIsContradicted() throws {
    let place = try linearRun()
    let text = try place.text("run/result.json").replacing(
      /"pairwise": \{\s*"upper": [^}]*\}/, with: "\"pairwise\": {\"upper\": 0.01}")
    try place.write(text, to: "run/result.json")
    let outcome = try place.lmtc("audit", "run", "--samples", "0")
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("above its bound"))
  }

  @Test func aFolderThatIsNoRunIsRefused() throws {
    let place = try linearRun()
    #expect(try place.lmtc("audit", "nothing").code == 66)
    try place.write("index\tlabel\n0\t1\n", to: "run/certificate.tsv")
    let outcome = try place.lmtc("audit", "run")
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains("data.certificate"))
    #expect(try place.lmtc("audit", "run", "--samples", "-1").code == 64)
  }
}
