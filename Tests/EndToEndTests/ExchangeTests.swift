import Foundation
import Testing

/// `export` and `import`: a network goes out and comes back.
@Suite struct ExchangeTests {
  private static func trained(_ setting: String = "train.seed=1") throws -> Workplace {
    let place = try Workplace()
    let run = try place.lmtc("run", "spec.yaml", "--out", "run", "--quiet", "--set", setting)
    #expect(run.code == 0, "\(run.errors)")
    return place
  }

  /// All certificates come back with the network.
  @Test func anExportedModelIsCertifiedLikeTheNetwork() throws {
    let place = try Self.trained()
    let written = try place.lmtc("export", "run", "--to", "onnx")
    #expect(written.code == 0 && written.output.contains("wrote tiny.onnx"))
    #expect(written.output.contains("no TF32"))
    let data = "{format: synthetic, samples: 60, test_samples: 30, noise: 0.2, classes: 3}"
    let read = try place.lmtc("import", "tiny.onnx", "--name", "back", "--data", data)
    #expect(read.code == 0, "\(read.errors)")
    let certified = try place.lmtc(
      "certify", "back.yaml", "--weights", "back.safetensors", "--out", "again")
    #expect(certified.code == 0, "\(certified.errors)")
    #expect(try place.lmtc("verify", "again").code == 0)
    func columns(_ folder: String) throws -> [[String]] {
      try place.text("\(folder)/certificate.tsv").split(separator: "\n").dropFirst()
        .map { $0.split(separator: "\t").map(String.init) }
    }
    let (first, second) = (try columns("run"), try columns("again"))
    #expect(first.count == 30 && second.count == 30)
    for (a, b) in zip(first, second) {
      #expect(a[2] == b[2])
      let radii = (try #require(Double(a[3])), try #require(Double(b[3])))
      #expect(abs(radii.0 - radii.1) <= 1e-3 * max(radii.0, radii.1))
    }
  }

  @Test func weightsAreExportedBitForBit() throws {
    let place = try Self.trained()
    for target in ["safetensors", "npz"] {
      #expect(try place.lmtc("export", "run", "--to", target, "-o", "w").code == 0)
      let certified = try place.lmtc(
        "certify", "spec.yaml", "--weights", "w", "--out", target)
      #expect(certified.code == 0)
      let table = "certificate.tsv"
      #expect(try place.bytes("\(target)/\(table)") == place.bytes("run/\(table)"))
      let again = try place.lmtc("export", "run", "--to", target, "-o", "w")
      #expect(again.code == 66 && again.errors.contains("file.exists"))
      let replaced = try place.lmtc(
        "export", "run", "--to", target, "-o", "w", "--overwrite", "--json")
      #expect(replaced.code == 0 && replaced.output.contains("\"target\": \"\(target)\""))
      try FileManager.default.removeItem(at: place.folder.appendingPathComponent("w"))
    }
  }

  /// What the certificate does not cover is said, or refused.
  @Test func theConditionOfACertificateIsStated() throws {
    let smooth = try Self.trained("network.layers=[dense: 8, tanh, dense: 3]")
    let model = try smooth.lmtc("export", "run", "--to", "onnx")
    #expect(model.code == 0 && model.output.contains("does not cover ONNX Runtime"))
    let double = try Self.trained("certify.precision=float64")
    let refused = try double.lmtc("export", "run", "--to", "onnx")
    #expect(refused.code == 64 && refused.errors.contains("usage.export"))
    #expect(try double.lmtc("export", "run", "--to", "c").code == 0)
    #expect(try double.text("tiny.c").contains("void tiny_logits(const double input[4]"))
  }

  @Test func aFolderWhoseWeightsChangedIsNotExported() throws {
    let place = try Self.trained()
    try place.write("{}", to: "run/model.safetensors")
    #expect(try place.lmtc("export", "run", "--to", "onnx").code == 3)
    #expect(!place.contains("tiny.onnx"))
  }

  /// A network of one output has a constant and nothing to certify.
  @Test func aNetworkOfOneOutputIsBounded() throws {
    let place = try Workplace()
    let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("ONNXTests/models")
    let read = try place.lmtc("import", models.appendingPathComponent("one-output.onnx").path)
    #expect(read.code == 0 && read.output.contains("lmtc compile ./one-output.yaml"))
    let (spec, weights) = ("one-output.yaml", "one-output.safetensors")
    let text = try place.lmtc("compile", spec, "--weights", weights)
    #expect(text.code == 0 && text.output.contains("L ≤ ") && !text.output.contains("pairwise"))
    let json = try place.lmtc("compile", spec, "--weights", weights, "--json")
    #expect(json.code == 0 && json.output.contains("\"pairwise\": null"))
    let data = "data: {format: synthetic, distribution: two_moons}\n"
    try place.write(try place.text(spec) + data, to: spec)
    let refused = try place.lmtc("compile", spec, "--weights", weights)
    #expect(refused.code == 1 && refused.errors.contains("shape.logits"))
  }

  @Test func importSaysWhatIsMissing() throws {
    let place = try Workplace()
    #expect(try place.lmtc("import", "nothing.onnx").code == 66)
    let text = try place.lmtc("import", "spec.yaml")
    #expect(text.code == 65 && text.errors.contains("weights.onnx"))
  }
}
