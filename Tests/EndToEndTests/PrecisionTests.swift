import Foundation
import Testing

@testable import Verifier

/// Certificates of execution in float64.
@Suite struct PrecisionTests {
  static func float64(_ spec: String) -> String {
    spec.replacing("certify:\n", with: "certify:\n  precision: float64\n")
  }

  @Test(arguments: VerificationTests.kinds) func examplesAreVerified(_ kind: String) throws {
    let run = try CertifiedRun(Self.float64(VerificationTests.examples(of: kind)))
    let refusal = try run.refusal()
    #expect(refusal == nil, "\(String(describing: refusal))")
  }

  @Test(arguments: VerificationTests.networks.indices)
  func certificatesAreVerified(_ index: Int) throws {
    let run = try CertifiedRun(Self.float64(VerificationTests.networks[index]))
    let refusal = try run.refusal()
    #expect(refusal == nil, "\(String(describing: refusal))")
    let text = try run.text
    #expect(text.contains("\"precision\": \"float64\""))
    let errors = text.matches(of: /"error": ([0-9.e+-]+)/).compactMap { Double($0.output.1) }
    // A root near 0 gives the root of an error.
    #expect(!errors.isEmpty && errors.allSatisfy { $0 > 0 && $0 < 1e-4 })
    // Where a rule allows a program's bounds to be a little larger, a twentieth is still too small.
    let refused = try run.refusal(changing: "error", after: "\"points\"") { $0 / 20 }
    #expect(refused?.place.path?.hasSuffix(".error") == true)
  }

  /// The certificate must say what the spec says.
  @Test func forgedPrecisionsAreRefused() throws {
    let double = try CertifiedRun(Self.float64(Workplace.tiny))
    let text = try double.text
    let entry = /"precision": "float64",\s*/
    try double.write(text.replacing(entry, with: ""))
    #expect(try double.refusal()?.kind == .refuted)
    try double.write(text.replacing(entry, with: "\"precision\": \"float32\","))
    #expect(try double.refusal()?.place.path == "precision")
    try double.write(text.replacing(entry, with: "\"precision\": \"bfloat16\","))
    #expect(try double.refusal()?.kind == .malformed)

    let single = try CertifiedRun()
    let plain = try single.text
    #expect(!plain.contains("\"precision\""))
    #expect(try single.refusal() == nil)
    try single.write(plain.replacing("\"name\"", with: "\"precision\": \"float64\", \"name\""))
    #expect(try single.refusal()?.place.path == "precision")
  }

  /// The errors of float64 do not hold for float32, whatever spec and digests say.
  @Test func errorsOfFloat64AreRefusedForFloat32() throws {
    let run = try CertifiedRun(Self.float64(Workplace.tiny))
    let spec = try run.place.text("run/spec.resolved.yaml")
    let forged = spec.replacing("precision: float64", with: "precision: float32")
    #expect(forged != spec)
    try run.write(Array(forged.utf8), "spec.resolved.yaml")
    try run.seal("spec", "spec.resolved.yaml")
    try run.write(try run.text.replacing(/"precision": "float64",\s*/, with: ""))
    try run.place.write(
      try run.place.text("run/result.json").replacing("float64", with: "float32"),
      to: "run/result.json")
    #expect(try run.refusal()?.place.path?.hasSuffix(".error") == true)
  }

  @Test func theResultNamesThePrecision() throws {
    for (spec, precision) in [
      (Workplace.tiny, "float32"), (Self.float64(Workplace.tiny), "float64"),
    ] {
      let run = try CertifiedRun(spec)
      let result = try run.place.text("run/result.json")
      #expect(result.contains("\"precision\": \"\(precision)\""))
      let other = precision == "float32" ? "float64" : "float32"
      try run.place.write(result.replacing(precision, with: other), to: "run/result.json")
      #expect(try run.refusal()?.place.path == "precision")
    }
  }

  @Test func float64IsAudited() throws {
    let run = try CertifiedRun(Self.float64(Workplace.tiny))
    let outcome = try run.place.lmtc("audit", "run", "--samples", "1000", "--json")
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("\"precision\": \"float64\""))
  }

  @Test func unknownPrecisionsAreReported() throws {
    let place = try Workplace(
      Workplace.tiny.replacing("certify:\n", with: "certify:\n  precision: bfloat16\n"))
    let outcome = try place.lmtc("compile", "spec.yaml")
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("'precision' must be one of 'float32', 'float64'"))
  }
}
