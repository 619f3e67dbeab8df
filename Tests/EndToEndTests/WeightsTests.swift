import Foundation
import Testing
import Training

@testable import Commands
@testable import FileFormats
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
