import Compiler
import Diagnostics
import Files
import SpecSyntax

/// Whether a run may replace a baseline: its requirements hold, and no certified accuracy is lower than the
/// baseline's by more than a tolerance.
public struct Gate: Sendable {
  /// What a check found.
  enum Outcome: Sendable {
    case passed, failed
    /// Nothing decides it.
    case skipped
  }

  /// One line of the gate.
  struct Check: Sendable {
    /// The rule: `require.fails` or `gate.regression`.
    let rule: String
    let name: String
    let outcome: Outcome
    let measured: Double?
    /// The least that passes; nil for requirements, whose line says it.
    let limit: Double?
    /// What to tell a person.
    let message: String
    /// The line of the spec that asks for it, if one does.
    let line: Int?
  }

  let name: String
  /// The spec's path, as the run was given it.
  let specPath: String
  let checks: [Check]

  /// Checks a run.
  ///
  /// - Parameters:
  ///   - baseline: a run on as many test points; nil for the requirements alone.
  ///   - tolerance: by how much a certified accuracy may be lower, as a share of the points.
  ///
  /// Throws `data.baseline` where the baseline has another number of test points.
  public init(_ run: RunRecord, baseline: RunRecord?, tolerance: ExactNumber) throws(Failure) {
    name = run.name
    specPath = run.result["provenance"]?["spec"]?["path"]?.string ?? RunFolder.File.spec.rawValue
    checks =
      run.requirementChecks
      + (try baseline.map { other throws(Failure) in
        try Self.regressions(run, other, tolerance)
      } ?? [])
  }

  /// Whether every check passed or was skipped.
  public var isPassed: Bool { !checks.contains { $0.outcome == .failed } }

  private static func regressions(
    _ run: RunRecord, _ baseline: RunRecord, _ tolerance: ExactNumber
  ) throws(Failure) -> [Check] {
    guard run.points.count == baseline.points.count, !run.points.isEmpty else {
      throw Failure(
        Diagnostic(
          .init(.data, "baseline"),
          "the baseline has \(NumberText.grouped(baseline.points.count)) test points, the run"
            + " \(NumberText.grouped(run.points.count))",
          at: .file(path: baseline.folder.path, offset: nil),
          help: "compare with a run on the same test data"))
    }
    let radii = (baseline.result["certified_accuracy"]?.elements ?? []).compactMap {
      $0["radius"]?.string
    }
    return radii.compactMap { text in
      (try? ExactNumber(text)).map { regression(run, baseline, $0, tolerance) }
    }
  }

  private static func regression(
    _ run: RunRecord, _ baseline: RunRecord, _ radius: ExactNumber, _ tolerance: ExactNumber
  ) -> Check {
    let (count, before) = (run.certifiedCount(at: radius), baseline.certifiedCount(at: radius))
    let total = run.points.count
    // Counts are whole: the largest fall that the tolerance allows is rounded down.
    let allowed = Int((tolerance.lower * Double(total)).rounded(.down))
    let isPassed = count >= before - allowed
    let share = { (count: Int) in NumberText.percentDown(count, of: total) }
    return Check(
      rule: "gate.regression", name: "certified_accuracy(\(radius.text))",
      outcome: isPassed ? .passed : .failed, measured: Double(count) / Double(total),
      limit: Double(before - allowed) / Double(total),
      message:
        "certified accuracy at \(radius.text) is \(share(count)), the baseline's \(share(before))",
      line: nil)
  }
}

extension RunRecord {
  /// The points certified at a radius, strictly.
  fileprivate func certifiedCount(at radius: ExactNumber) -> Int {
    points.count { $0.radius > radius.upper }
  }

  fileprivate var requirementChecks: [Gate.Check] {
    let spec = ((try? folder.read(.spec)) ?? []).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
    ).map { String(decoding: $0, as: UTF8.self) }
    return (result["requirements"]?.elements ?? []).map { row in
      let text = row["text"]?.string ?? ""
      let measured = row["measured"]?.number
      let outcome: Gate.Outcome =
        switch row["verdict"]?.string {
        case "holds": .passed
        case "fails": .failed
        case _: .skipped
        }
      let found = measured.map { ", measured \(NumberText.significant($0))" } ?? ""
      let words =
        outcome == .failed ? "does not hold" : outcome == .passed ? "holds" : "is undecided"
      return Gate.Check(
        rule: "require.fails", name: text, outcome: outcome, measured: measured, limit: nil,
        message: "'\(text)' \(words)\(found)",
        line: spec.firstIndex { $0.contains(text) }.map { $0 + 1 })
    }
  }
}
