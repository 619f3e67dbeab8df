import Foundation
import TensorGraph
import Testing

@testable import Commands
@testable import Diagnostics

/// The layer whose numbers are those of the training data.
@Suite struct StandardizeTests {
  private static let spec = """
    lmt: 1
    name: table
    data: {format: csv, train: train.csv, test: test.csv, header: true, label: kind, class_names: [low, high], classes: 2}
    network: {input: [3], layers: [standardize, {dense: 8}, relu, {dense: 2}]}
    train: {loss: {lmt: {c: 0.1}}, epochs: 30, batch: 16}
    certify: {radii: [1]}

    """

  /// Features around 500 with deviation 40, around −0.01 with deviation 0.002, and always 0.1.
  private static func rows(_ count: Int, seed: UInt64) -> [[Double]] {
    func uniform(_ index: Int, _ stream: UInt64) -> Double {
      CounterRandom.uniform(stream: seed * 7 + stream, counter: 0, index: UInt64(index))
    }
    return (0..<count).map { index in
      [460 + 80 * uniform(index, 1), -0.012 + 0.004 * uniform(index, 2), 0.1]
    }
  }

  private static func table(_ rows: [[Double]]) -> String {
    let lines = rows.map { row in
      "\(row[0]),\(row[0] > 500 ? "high" : "low"),\(row[1]),\(row[2])"
    }
    return (["size,kind,shift,constant"] + lines).joined(separator: "\n")
  }

  private func place() throws -> Workplace {
    let place = try Workplace(Self.spec)
    try place.write(Self.table(Self.rows(200, seed: 1)), to: "train.csv")
    try place.write(Self.table(Self.rows(50, seed: 2)), to: "test.csv")
    return place
  }

  @Test func takesMeansAndDeviationsFromTheTrainingData() throws {
    let (_, weights) = try place().train()
    let mean = weights["standardize_1.mean"]
    let factor = weights["standardize_1.factor"]
    let rows = Self.rows(200, seed: 1)
    for channel in 0..<2 {
      let values = rows.map { Double(Float($0[channel])) }
      let average = values.reduce(0, +) / 200
      let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / 200
      #expect(abs(Double(mean.elements[channel]) / average - 1) < 1e-6)
      #expect(abs(Double(factor.elements[channel]) * variance.squareRoot() - 1) < 1e-6)
    }
    #expect(mean.elements[2] == 0.1 && factor.elements[2] == 1)
  }

  @Test func itsBoundCountsAndTheCheckerAgrees() throws {
    let place = try place()
    let run = try place.lmtc("run", "spec.yaml", "--out", "run", "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    let verified = try place.lmtc("verify", "run")
    #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
    let compiled = try place.lmtc(
      "compile", "spec.yaml", "--weights", "run/model.safetensors", "--json")
    let json = try document(compiled.output)
    let layers = try #require(json["layers"] as? [[String: Any]])
    let upper = try #require((layers[0]["bound"] as? [String: Any])?["upper"] as? Double)
    // The second feature's deviation is 0.004/√12.
    #expect(upper > 700 && upper < 1100)
    let result = try place.text("run/result.json")
    #expect(result.contains(#""clean_accuracy": "#))
  }

  @Test func aResumedRunKeepsItsNumbers() throws {
    let place = try place()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run", "--quiet").code == 0)
    let before = try place.bytes("run/model.safetensors")
    let again = try place.lmtc("run", "spec.yaml", "--out", "run", "--resume", "--quiet")
    #expect(again.code == 0, "\(again.errors)")
    #expect(try place.bytes("run/model.safetensors") == before)
  }

  @Test(arguments: [
    "[{dense: 4}, standardize, {dense: 2}]", "[{residual: [{dense: 3}, standardize]}, {dense: 2}]",
  ])
  func itReadsTheInput(layers: String) throws {
    let place = try place()
    let outcome = try place.lmtc("compile", "spec.yaml", "--set", "network.layers=\(layers)")
    #expect(outcome.code == 1 && outcome.errors.contains("error[shape.input]"))
    #expect(outcome.errors.contains("batch_norm"))
  }
}
