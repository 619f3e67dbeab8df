import Digest
import Foundation
import Testing

/// `network: {onnx: FILE}`: a network and its weights out of a file, in place.
@Suite struct NetworkFileTests {
  private static let data =
    "data: {format: synthetic, samples: 60, test_samples: 30, noise: 0.2, classes: 3}"

  private static func spec(_ network: String, _ rest: String = "") -> String {
    "lmt: 1\nname: tiny\n\(data)\nnetwork: \(network)\n\(rest)"
  }

  /// A folder with a trained network in `tiny.onnx` and a spec `file.yaml` that names it.
  private static func exported() throws -> Workplace {
    let place = try Workplace()
    let run = try place.lmtc("run", "spec.yaml", "--out", "run", "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try place.lmtc("export", "run", "--to", "onnx").code == 0)
    try place.write(spec("{onnx: tiny.onnx}"), to: "file.yaml")
    return place
  }

  @Test func aNetworkIsCertifiedAsTheImportedOne() throws {
    let place = try Self.exported()
    let compiled = try place.lmtc("compile", "file.yaml")
    #expect(compiled.code == 0 && compiled.output.contains("for the weights in tiny.onnx"))
    let certified = try place.lmtc("certify", "file.yaml", "--out", "a")
    #expect(certified.code == 0, "\(certified.errors)")
    let imported = try place.lmtc(
      "import", "tiny.onnx", "--name", "back", "--data", String(Self.data.dropFirst(6)))
    #expect(imported.code == 0, "\(imported.errors)")
    let again = try place.lmtc(
      "certify", "back.yaml", "--weights", "back.safetensors", "--out", "b")
    #expect(again.code == 0, "\(again.errors)")
    #expect(try place.bytes("a/certificate.tsv") == place.bytes("b/certificate.tsv"))
    #expect(try place.bytes("a/model.safetensors") == place.bytes("b/model.safetensors"))
  }

  /// The folder stands alone, and says by digest what it was made of.
  @Test func theFolderStandsWithoutTheFile() throws {
    let place = try Self.exported()
    #expect(try place.lmtc("certify", "file.yaml", "--out", "a").code == 0)
    let digest = SHA256.hexadecimalDigest(of: try place.bytes("tiny.onnx"))
    let resolved = try place.text("a/spec.resolved.yaml")
    #expect(
      resolved.hasPrefix("# The network comes from 'tiny.onnx', SHA-256 \(digest).\nlmt: 1\n"))
    #expect(try place.text("a/result.json").contains("\"sha256\": \"\(digest)\""))
    try FileManager.default.removeItem(at: place.folder.appendingPathComponent("tiny.onnx"))
    for arguments in [["verify", "a"], ["audit", "a", "--quiet"], ["export", "a", "--to", "c"]] {
      let outcome = try LMTCProcess(arguments, in: place.folder).outcome()
      #expect(outcome.code == 0, "\(arguments): \(outcome.errors)")
    }
  }

  /// Other weights under the same name are another network.
  @Test func aChangedFileIsAnotherSpec() throws {
    let place = try Self.exported()
    #expect(try place.lmtc("certify", "file.yaml", "--out", "a").code == 0)
    let other = try place.lmtc(
      "run", "spec.yaml", "--out", "other", "--quiet", "--seed", "5")
    #expect(other.code == 0)
    #expect(
      try place.lmtc("export", "other", "--to", "onnx", "-o", "tiny.onnx", "--overwrite").code == 0)
    let refused = try place.lmtc("certify", "file.yaml", "--out", "a")
    #expect(refused.code == 66 && refused.errors.contains("file.other-spec"), "\(refused.errors)")
  }

  /// A step of no length leaves the weights of the file.
  @Test func trainingStartsFromTheFile() throws {
    let place = try Self.exported()
    let train = "train: {epochs: 1, batch: 60, optimizer: {sgd: {learning_rate: 1e-30}}}\n"
    try place.write(Self.spec("{onnx: tiny.onnx}", train), to: "file.yaml")
    let run = try place.lmtc("run", "file.yaml", "--out", "a", "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try place.lmtc("certify", "file.yaml", "--out", "b").code == 0)
    #expect(try place.bytes("a/model.safetensors") == place.bytes("b/model.safetensors"))
    #expect(try place.lmtc("verify", "a").code == 0)
    let given = try place.lmtc(
      "certify", "file.yaml", "--weights", "run/model.safetensors", "--rename", "--out", "c")
    #expect(given.code == 0, "\(given.errors)")
  }

  @Test(arguments: [
    ("{onnx: nothing.onnx}", "file.missing", 66, 17),
    ("{onnx: file.yaml}", "weights.onnx", 65, 17),
    ("{onnx: tiny.onnx, layers: [relu]}", "spec.conflict", 1, 17),
    ("{onnx: tiny.onnx, color: red}", "spec.unknown-key", 1, 28),
    ("{onnx: [1]}", "spec.wrong-type", 1, 17),
  ])
  func faultsStandAtTheName(network: String, id: String, code: Int, column: Int) throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run", "--quiet").code == 0)
    #expect(try place.lmtc("export", "run", "--to", "onnx").code == 0)
    try place.write(Self.spec(network), to: "file.yaml")
    let found = try place.lmtc("compile", "file.yaml")
    #expect(Int(found.code) == code, "\(found.errors)")
    #expect(found.errors.hasPrefix("file.yaml:4:\(column): error[\(id)]"), "\(found.errors)")
    #expect(found.errors.components(separatedBy: "error[").count == 2, "\(found.errors)")
  }

  @Test func certifyAsksForWeights() throws {
    let place = try Workplace()
    let found = try place.lmtc("certify", "spec.yaml")
    #expect(found.code == 64 && found.errors.contains("usage.missing-option"))
    #expect(found.errors.contains("onnx: FILE"))
  }
}
