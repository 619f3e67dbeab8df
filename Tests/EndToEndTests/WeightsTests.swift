import Foundation
import Testing
import Training

@testable import Commands
@testable import Execution
@testable import FileFormats
@testable import Files
@testable import TensorGraph

/// `certify --weights` and what it refuses.
@Suite struct WeightsTests {
  @Test func certifyReproducesTheRadiiOfTheRun() throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    let outcome = try place.lmtc(
      "certify", "spec.yaml", "--weights", "run/model.safetensors", "--json", "--out", "again")
    #expect(outcome.code == 0)
    #expect(JSONShape.object(RunFolderTests.result).mismatch(try document(outcome.output)) == nil)
    #expect(try place.bytes("run/certificate.tsv") == place.bytes("again/certificate.tsv"))

    let compiled = try place.lmtc(
      "compile", "spec.yaml", "--weights", "run/model.safetensors", "--json")
    let (ofRun, ofCompile) = (
      try document(place.text("run/result.json")), try document(compiled.output)
    )
    let upper = (ofRun["lipschitz"] as? [String: Double])?["upper"]
    #expect(
      upper != nil && upper == (ofCompile["lipschitz"] as? [String: Any])?["upper"] as? Double)
  }

  @Test func aSpecWithoutTrainingIsCertified() throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run").code == 0)
    let untrained = Workplace.tiny.replacing(/train:\n(  .*\n)+/, with: "")
    try place.write(untrained, to: "untrained.yaml")
    #expect(!untrained.contains("epochs"))
    let outcome = try place.lmtc(
      "certify", "untrained.yaml", "--weights", "run/model.safetensors", "--seed", "5", "--out",
      "again")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try place.bytes("run/certificate.tsv") == place.bytes("again/certificate.tsv"))
  }

  @Test func everyFaultOfAFileIsReported() throws {
    let place = try Workplace()
    try write(
      [
        "dense_1.weight": HostTensor([4, 8], repeating: 1),
        "dense_1.bais": HostTensor([8], repeating: 0),
        "dense_2.weight": HostTensor([3, 8], repeating: 1),
      ], to: place)
    let outcome = try place.lmtc("certify", "spec.yaml", "--weights", "weights", "--json")
    #expect(outcome.code == 65 && outcome.errors.isEmpty)
    let faults = try #require(try document(outcome.output)["diagnostics"] as? [[String: Any]])
    let messages = faults.compactMap { $0["message"] as? String }.joined(separator: "\n")
    for name in ["dense_1.weight", "dense_1.bias", "dense_1.bais", "dense_2.bias"] {
      #expect(messages.contains("'\(name)'"), "\(messages)")
    }
    #expect(!messages.contains("dense_2.weight"))
  }

  /// A state dict of PyTorch's with other names, wrapped by a compiler.
  @Test func tensorsThatFitButForTheirNamesAreRenamedOnRequest() throws {
    let place = try Workplace()
    let own = try place.loading().compilation.initialWeights.tensors
    var tensors: [String: HostTensor] = [:]
    for (module, layer) in [("_orig_mod.net.2", "dense_1"), ("_orig_mod.net.10", "dense_2")] {
      for part in ["weight", "bias"] { tensors["\(module).\(part)"] = own["\(layer).\(part)"] }
    }
    try write(tensors, to: place)
    let refused = try place.lmtc("certify", "spec.yaml", "--weights", "weights")
    #expect(refused.code == 65 && refused.errors.contains("error[weights.names]"))
    #expect(
      refused.errors.contains("'_orig_mod.net.2' as 'dense_1', '_orig_mod.net.10' as 'dense_2'"))
    #expect(refused.errors.contains("--rename"))
    let taken = try place.lmtc(
      "certify", "spec.yaml", "--weights", "weights", "--rename", "--out", "renamed")
    #expect(taken.code == 0 && taken.errors.contains("lmtc: took '_orig_mod.net.2' as 'dense_1'"))
    try write(own, to: place)
    let plain = try place.lmtc(
      "certify", "spec.yaml", "--weights", "weights", "--rename", "--out", "plain")
    #expect(plain.code == 0 && !plain.errors.contains("took"))
    #expect(try place.bytes("renamed/certificate.json") == place.bytes("plain/certificate.json"))
  }

  /// Layers of one shape are taken in the order of the modules' numbers.
  @Test func modulesOfOneShapeKeepTheirOrder() throws {
    let weights = Weights([
      "net.10.weight": HostTensor([2, 2], repeating: 10),
      "net.9.weight": HostTensor([2, 2], repeating: 9),
    ])
    let renaming = try #require(
      WeightRenaming(of: weights, declared: ["a.weight": [2, 2], "b.weight": [2, 2]]))
    let renamed = renaming.apply(to: weights)
    #expect(renamed["a.weight"].elements[0] == 9 && renamed["b.weight"].elements[0] == 10)
    #expect(WeightRenaming(of: weights, declared: ["a.weight": [2, 2]]) == nil)
    #expect(
      WeightRenaming(of: weights, declared: ["a.weight": [2, 2], "b.weight": [2, 3]]) == nil)
    #expect(
      WeightRenaming(of: weights, declared: ["net.9.weight": [3], "b.weight": [2, 2]]) == nil)
  }

  @Test func countersOfBatchNormalizationAreIgnored() throws {
    let place = try Workplace()
    var tensors = try place.loading().compilation.initialWeights.tensors
    tensors["norm.num_batches_tracked"] = HostTensor([2], repeating: 3)
    try write(tensors, to: place)
    // Two float32 numbers take as many bytes as one 64-bit integer.
    var bytes = try place.bytes("weights")
    var start = try #require(bytes.firstRange(of: Array("num_batches_tracked".utf8))).upperBound
    for (old, new) in [("F32", "I64"), ("[2]", "[ ]")] {
      let range = try #require(bytes[start...].firstRange(of: Array(old.utf8)))
      bytes.replaceSubrange(range, with: Array(new.utf8))
      start = range.upperBound
    }
    try Data(bytes).write(to: place.folder.appendingPathComponent("weights"))
    let outcome = try place.lmtc("certify", "spec.yaml", "--weights", "weights")
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test(arguments: ["dense_1.weight_g", "dense_1.parametrizations.weight.original0"])
  func partsOfAParametrizationAreRefused(name: String) throws {
    let place = try Workplace()
    var tensors = try place.loading().compilation.initialWeights.tensors
    tensors[name] = HostTensor([8, 1], repeating: 1)
    tensors["dense_1.weight"] = nil
    try write(tensors, to: place)
    let outcome = try place.lmtc("certify", "spec.yaml", "--weights", "weights")
    #expect(outcome.code == 65 && outcome.errors.contains("error[weights.parametrized]"))
    #expect(outcome.errors.contains("remove_parametrizations"))
  }

  @Test func aModelOfONNXIsAnsweredWithImport() throws {
    let place = try Workplace()
    let model: [UInt8] = [0x08, 0x08, 0x12, 0x07] + Array("pytorch".utf8) + [0x3A, 0x00]
    try Data(model).write(to: place.folder.appendingPathComponent("weights"))
    let outcome = try place.lmtc("certify", "spec.yaml", "--weights", "weights")
    #expect(outcome.code == 65 && outcome.errors.contains("lmtc import"))
  }

  @Test(arguments: [Float.nan, .infinity])
  func numbersThatAreNotFiniteAreRefused(number: Float) throws {
    let place = try Workplace()
    var tensors = try place.loading().compilation.initialWeights.tensors
    tensors["dense_1.weight"]?.elements[3] = number
    try write(tensors, to: place)
    let outcome = try place.lmtc("certify", "spec.yaml", "--weights", "weights")
    #expect(outcome.code == 65 && outcome.errors.contains("dense_1.weight"))
    #expect(outcome.output.isEmpty)
  }

  @Test func zeroWeightsCertifyNothing() throws {
    let place = try Workplace()
    let tensors = try place.loading().compilation.initialWeights.tensors.mapValues {
      HostTensor($0.shape, repeating: 0)
    }
    try write(tensors, to: place)
    let outcome = try place.lmtc("certify", "spec.yaml", "--weights", "weights", "--json")
    #expect(outcome.code == 0)
    #expect((try document(outcome.output)["radius"] as? [String: Double])?["mean"] == 0)
    // A kept vector in the kernel of every operator must not poison training either.
    #expect(try place.lmtc("run", "spec.yaml", "--weights", "weights", "--out", "run").code == 0)
  }

  private func write(_ tensors: [String: HostTensor], to place: Workplace) throws {
    let bytes = Safetensors.encode(
      .init(tensors: .init(uniqueKeysWithValues: tensors.sorted { $0.key < $1.key })))
    try Data(bytes).write(to: place.folder.appendingPathComponent("weights"))
  }
}
