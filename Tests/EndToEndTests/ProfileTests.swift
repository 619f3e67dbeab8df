import Foundation
import Testing

/// `run --profile`: what the tables and the JSON contain, whatever the times are.
@Suite struct ProfileTests {
  private static let row: [String: JSONShape] = [
    "seconds": .number, "share": .number, "flop": .number, "bytes_read": .number,
    "bytes_written": .number,
  ]
  private static let shape = JSONShape.object([
    "executions": .number, "seconds": .number, "outside_seconds": .number,
    "kinds": .list(.object(row.merging(["kind": .text, "steps": .number]) { $1 })),
    "steps": .list(.object(row.merging(["kind": .text, "operation": .text]) { $1 })),
  ])

  @Test func jsonListsEveryStepOnce() throws {
    let place = try Workplace()
    let outcome = try place.lmtc("run", "spec.yaml", "--json", "--profile")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == (try place.text("runs/tiny/result.json")))
    let profile = try #require(try document(outcome.output)["profile"] as? [String: Any])
    #expect(Self.shape.mismatch(profile) == nil)
    // Three epochs of 60 samples in batches of 16.
    #expect(profile["executions"] as? Int == 12)
    let steps = try #require(profile["steps"] as? [[String: Any]])
    let kinds = try #require(profile["kinds"] as? [[String: Any]])
    for key in ["flop", "bytes_read", "bytes_written"] {
      let (a, b) = (steps.compactMap { $0[key] as? Int }, kinds.compactMap { $0[key] as? Int })
      #expect(a.count == steps.count && a.reduce(0, +) == b.reduce(0, +), "\(key)")
    }
    #expect(kinds.compactMap { $0["steps"] as? Int }.reduce(0, +) == steps.count)

    let plan = try place.lmtc("compile", "spec.yaml", "--emit", "plan").output
    let planned = plan.split(separator: "\n").filter { $0.first?.isNumber == true }
    #expect(planned.count == steps.count || planned.count + 1 == steps.count)
    for (line, step) in zip(planned, steps) {
      #expect(line.contains(try #require(step["operation"] as? String)))
    }
    #expect(try place.lmtc("verify", "runs/tiny").code == 0)
  }

  @Test func theTablesFollowTheResult() throws {
    let place = try Workplace()
    let outcome = try place.lmtc("run", "spec.yaml", "--quiet", "--profile")
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex { $0.contains("profile of 12 training steps of") })
    let words = lines[(start + 1)...].map { $0.split(separator: " ").joined(separator: " ") }
    #expect(words.first == "steps ms share GFLOP/s GB/s kind of operation")
    #expect(words.contains("step ms share GFLOP/s GB/s operation"))
    #expect(words.contains { $0.hasSuffix("% outside the plan") })
    // The forward product of the first layer: a batch of 16 with 4 features each.
    #expect(words.contains { $0.hasSuffix("dot [16, 4] · [4, 8]ᵀ") })
  }

  /// Retractions belong to a step, but not to the plan.
  @Test func retractionsAreListed() throws {
    let place = try Workplace()
    let weight = "network.layers.0={dense: {units: 8, parametrization: {stiefel: 5}}}"
    let outcome = try place.lmtc("run", "spec.yaml", "--set", weight, "--json", "--profile")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let profile = try #require(try document(outcome.output)["profile"] as? [String: Any])
    let steps = try #require(profile["steps"] as? [[String: Any]])
    let last = try #require(steps.last)
    #expect(last["kind"] as? String == "retraction")
    #expect(last["operation"] as? String == "retraction of 1 weight, every 5 steps")
    #expect(try #require(last["seconds"] as? Double) > 0 && last["flop"] == nil)
    #expect(steps.dropLast().allSatisfy { $0["kind"] as? String != "retraction" })
  }

  @Test func withoutTheOptionThereIsNone() throws {
    let place = try Workplace()
    let outcome = try place.lmtc("run", "spec.yaml", "--json")
    #expect(try document(outcome.output)["profile"] == nil)
  }
}
