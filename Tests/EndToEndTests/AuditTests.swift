import Foundation
import Testing

@testable import FileFormats
@testable import TensorGraph

/// `lmtc audit` of run folders as they are and falsified.
@Suite struct AuditTests {
  /// A finished run of a linear network, whose radii and constants are tight.
  private func linearRun(attacks: String = "[fgsm]") throws -> Workplace {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "run", "spec.yaml", "--out", "run", "--set", "network.layers=[dense: 3]", "--set",
      "train.epochs=20", "--set", "train.optimizer={adam: 0.02}", "--set", "data.noise=0.1",
      "--set",
      "certify.attacks=\(attacks)", "--set", "certify.lipschitz_samples=0")
    #expect(outcome.code == 0, "\(outcome.errors)")
    return place
  }

  private static let certificate = "run/certificate.json"

  /// Changes numbers of the certificate under a key, all or the first after a place in the text.
  private func change(
    _ place: Workplace, _ key: String, after mark: String? = nil,
    by change: (Double) -> String
  ) throws {
    let text = try place.text(Self.certificate)
    var start = text.startIndex
    if let mark { start = try #require(text.range(of: mark)).upperBound }
    let pattern = try Regex(
      "\"\(key)\": ([0-9][-+.e0-9]*)", as: (Substring, Substring).self)
    let changed = text[start...].replacing(pattern, maxReplacements: mark == nil ? .max : 1) {
      "\"\(key)\": \(change(Double($0.output.1) ?? .nan))"
    }
    #expect(changed != text[start...])
    try place.write(String(text[..<start]) + changed, to: Self.certificate)
  }

  private func audit(_ place: Workplace, samples: Int = 0) throws -> LMTCProcess.Outcome {
    try place.lmtc("audit", "run", "--samples", "\(samples)")
  }

  private func archive(_ place: Workplace) throws -> [String: HostTensor] {
    try NPZ.decode(try place.bytes("run/witnesses.npz"), path: "witnesses.npz")
  }

  @Test func certificatesHold() throws {
    let place = try linearRun(attacks: "[]")
    let outcome = try place.lmtc("audit", "run", "--samples", "20000", "--json")
    #expect(outcome.code == 0, "\(outcome.errors) \(outcome.output)")
    #expect(outcome.errors.isEmpty, "progress is for terminals")
    let report = try document(outcome.output)
    let phase: [String: JSONShape] = [
      "name": .text, "tried": .number, "contradictions": .number, "seconds": .number,
    ]
    #expect(JSONShape.list(.object(phase)).mismatch(report["phases"]) == nil)
    let phases = try #require(report["phases"] as? [[String: Any]])
    #expect(phases.count == 10)
    #expect(phases.allSatisfy { ($0["tried"] as? Int ?? 0) > 0 })
    #expect(!place.contains("run/witnesses.npz"))
    #expect(try audit(place).output.contains("no certificate"))
  }

  /// Every constant of a linear network is reached, and none is exceeded.
  @Test func constantsAreReached() throws {
    let place = try linearRun()
    let report = try document(
      try place.lmtc("audit", "run", "--samples", "0", "--json").output)
    // The spec's own attack stays in the ball; another looks for worst directions.
    let phases = try #require(report["phases"] as? [[String: Any]])
    let tried = Dictionary(
      uniqueKeysWithValues: phases.map { ($0["name"] as? String, $0["tried"] as? Int ?? 0) })
    #expect(tried["attack fgsm"] != nil && tried["attack deepfool"] != nil)
    #expect(tried["floats at the radius"] ?? 0 > 0)
    let constants = try #require(report["constants"] as? [[String: Any]])
    #expect(
      constants.compactMap { $0["name"] as? String } == [
        "constant dense_1", "bound dense_1", "pair 1 0", "pair 2 0", "pair 2 1",
      ])
    for constant in constants {
      let found = try #require(constant["found"] as? Double)
      let claimed = try #require(constant["claimed"] as? Double)
      #expect(found <= claimed && found > 0.9999 * claimed, "\(constant)")
    }
  }

  /// Each layer of a network is tried, alone and from the input, whatever its kind and shape.
  @Test func everyLayerIsTried() throws {
    let place = try Workplace()
    let layers = """
      [conv2d: {filters: 4, kernel: 3, padding: same}, max_min, \
      residual: {branch: [conv2d: {filters: 4, kernel: 3, padding: same}, gelu]}, \
      max_pool: 2, flatten, softplus, dense: 3]
      """
    let run = try place.lmtc(
      "run", "spec.yaml", "--out", "run", "--set", "network.input=[1, 4, 4]", "--set",
      "network.layers=\(layers)", "--set", "certify.attacks=[fgsm]")
    #expect(run.code == 0, "\(run.errors)")
    let outcome = try place.lmtc("audit", "run", "--samples", "0", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let constants = try #require(try document(outcome.output)["constants"] as? [[String: Any]])
    let names = constants.compactMap { $0["name"] as? String }
    #expect(names.count { $0.hasPrefix("bound ") } == 9)
    // A sum has no constant of its own.
    #expect(names.count { $0.hasPrefix("constant ") } == 8)
    for constant in constants {
      let found = try #require(constant["found"] as? Double)
      let claimed = try #require(constant["claimed"] as? Double)
      let isAlone = (constant["name"] as? String)?.hasPrefix("constant ") == true
      #expect(found <= claimed && found > (isAlone ? 0.95 : 0.1) * claimed, "\(constant)")
    }
  }

  @Test(arguments: [2, 1.01])
  func enlargedRadiiAreContradicted(factor: Double) throws {
    let place = try linearRun()
    try change(place, "radius") { "\($0 * factor)" }
    let outcome = try audit(place, samples: 2000)
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("certificate.contradicted"))
    let witnesses = try archive(place)
    let found = try #require(witnesses["found"]?.elements)
    let claimed = try #require(witnesses["claimed"]?.elements)
    #expect(!found.isEmpty && zip(found, claimed).allSatisfy { $0 <= $1 })
  }

  @Test(arguments: ["constant", "bound"])
  func loweredConstantsOfLayersAreContradicted(_ key: String) throws {
    let place = try linearRun()
    try change(place, key, after: "\"dense_1\"") { "\($0 * 0.99)" }
    let outcome = try audit(place)
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("above the certified bound"))
    let witnesses = try archive(place)
    let found = try #require(witnesses["\(key) dense_1/found"]?.elements[0])
    let claimed = try #require(witnesses["\(key) dense_1/claimed"]?.elements[0])
    #expect(found > claimed)
    #expect(witnesses["\(key) dense_1/points"]?.shape == [2, 4])
    #expect(witnesses["index"]?.elements.isEmpty == true)
  }

  @Test func aLoweredPairIsContradicted() throws {
    let place = try linearRun()
    let text = try place.text(Self.certificate)
    let pairs = try #require(text.firstMatch(of: /"pairs": \[\s*\[\],\s*\[([0-9.e-]+)\]/))
    let number = try #require(Double(pairs.output.1))
    try place.write(
      text.replacing(pairs.output.1, with: "\(number * 0.99)", maxReplacements: 1),
      to: Self.certificate)
    let outcome = try audit(place)
    #expect(outcome.code == 3)
    #expect(outcome.errors.contains("logits 1 and 0"))
    #expect(try archive(place)["pair 1 0/points"]?.shape == [2, 4])
  }

  /// A certificate for another class than the network's is disproved by the test point itself.
  @Test func swappedLabelsAreContradicted() throws {
    let place = try linearRun()
    for key in ["label", "predicted"] {
      try change(place, key, after: "\"points\"") { "\((Int($0) + 1) % 3)" }
      let outcome = try audit(place)
      #expect(outcome.code == 3)
      #expect(outcome.errors.contains("test point 0 "), "\(outcome.errors)")
      let index = try #require(try archive(place)["index"]?.elements)
      #expect(!index.isEmpty && index.allSatisfy { $0 == 0 })
    }
    #expect(try audit(place).errors.contains("has the label"))
  }

  @Test(arguments: [
    ("\"points\": [", "\"points\": [1, "), ("\"radius\": ", "\"radius\": null, \"r\": "),
    ("\"layer\": \"dense_1\"", "\"layer\": \"dense_2\""), ("\"bound\": ", "\"bound\": -"),
    ("\"index\": 3", "\"index\": 4"), ("\"label\": ", "\"label\": 7"), ("{", "["),
    ("\"pairs\": [", "\"pairs\": [[1], "),
  ])
  func malformedCertificatesAreRefused(_ change: (from: String, to: String)) throws {
    let run = try CertifiedRun(
      Workplace.tiny.replacing("- dense: 8\n    - relu\n    - dense: 3", with: "- dense: 3"))
    try run.write(
      try run.text.replacing(change.from, with: change.to, maxReplacements: 1))
    let outcome = try run.place.lmtc("audit", "run")
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains("data.certificate"), "\(outcome.errors)")
  }

  /// Nothing is searched in files that the certificate is not about.
  @Test func changedFilesAreRefused() throws {
    let place = try linearRun()
    let text = try place.text(Self.certificate)
    try place.write(
      text.replacing("\"file\": \"model.safetensors\"", with: "\"file\": \"other.safetensors\""),
      to: Self.certificate)
    let renamed = try audit(place)
    #expect(renamed.code == 3 && renamed.errors.contains("weights.file"), "\(renamed.errors)")
    try place.write(text, to: Self.certificate)
    for (key, file) in [
      ("spec", "spec.resolved.yaml"), ("weights", "model.safetensors"),
      ("test", "test.safetensors"),
    ] {
      let bytes = try place.bytes("run/" + file)
      let url = place.folder.appendingPathComponent("run/" + file)
      try Data(bytes + [0]).write(to: url)
      let outcome = try audit(place)
      #expect(outcome.code == 3 && outcome.errors.contains(key + ".sha256"), "\(outcome.errors)")
      try Data(bytes).write(to: url)
    }
    #expect(try audit(place).code == 0)
  }

  @Test func aFolderThatIsNoRunIsRefused() throws {
    let place = try linearRun()
    #expect(try place.lmtc("audit", "nothing").code == 66)
    #expect(try place.lmtc("audit", "run", "--samples", "-1").code == 64)
    let samples = try place.bytes("run/test.safetensors")
    try place.write(String(decoding: samples.prefix(40), as: UTF8.self), to: "run/test.safetensors")
    #expect(try audit(place).code == 3)
    for file in ["test.safetensors", "certificate.json"] {
      try FileManager.default.removeItem(
        at: place.folder.appendingPathComponent("run/" + file))
      #expect(try audit(place).code == 66)
      try Data(samples).write(to: place.folder.appendingPathComponent("run/test.safetensors"))
    }
  }
}
