import Compiler
import Diagnostics
import Files
import ModelIR
import SpecSyntax

/// Whether a run may replace a baseline: its requirements hold, and no certified accuracy is lower than the
/// baseline's by more than a tolerance.
public struct Gate: Sendable {
  /// What a check is about.
  enum Rule: String, Sendable, CaseIterable {
    /// No point disproves a certificate.
    case contradiction = "gate.contradiction"
    /// A requirement of the spec holds.
    case requirement = "require.fails"
    /// A certified accuracy is not lower than the baseline's.
    case regression = "gate.regression"
  }

  /// What a check found.
  enum Outcome: Sendable {
    case passed, failed
    /// Nothing decides it.
    case skipped
  }

  /// One line of the gate.
  struct Check: Sendable {
    let rule: Rule
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
  ///   - baseline: a run on the same test points; nil for the requirements alone.
  ///   - tolerance: by how much a certified accuracy may be lower, as a share of the points.
  ///
  /// Throws `data.baseline` where the baseline's test points have other labels.
  public init(_ run: RunRecord, baseline: RunRecord?, tolerance: ExactNumber) throws(Failure) {
    name = run.name
    specPath = run.result["provenance"]?["spec"]?["path"]?.string ?? RunFolder.File.spec.rawValue
    checks =
      run.contradictionChecks + run.requirementChecks
      + (try baseline.map { other throws(Failure) in
        try Self.regressions(run, other, tolerance)
      } ?? [])
  }

  /// Whether every check passed or was skipped.
  public var isPassed: Bool { !checks.contains { $0.outcome == .failed } }

  /// Whether a certificate was disproved.
  public var isContradicted: Bool { checks.contains { $0.rule == .contradiction } }

  private static func regressions(
    _ run: RunRecord, _ baseline: RunRecord, _ tolerance: ExactNumber
  ) throws(Failure) -> [Check] {
    guard run.points.map(\.label) == baseline.points.map(\.label), !run.points.isEmpty else {
      throw Failure(
        Diagnostic(
          .init(.data, "baseline"),
          "the baseline's \(NumberText.grouped(baseline.points.count)) test points are not the run's"
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
    let least = max(0, before - allowed)
    let share = { (count: Int) in NumberText.percentDown(count, of: total) }
    return Check(
      rule: .regression, name: "certified_accuracy(\(radius.text))",
      outcome: count >= least ? .passed : .failed, measured: Double(count) / Double(total),
      limit: Double(least) / Double(total),
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

  /// A failed check where the folder keeps a point that disproves a certificate.
  fileprivate var contradictionChecks: [Gate.Check] {
    let file = RunFolder.File.witnesses
    guard folder.contains(file) else { return [] }
    return [
      Gate.Check(
        rule: .contradiction, name: "certificates", outcome: .failed, measured: nil, limit: nil,
        message: "a point disproves a certificate: see '\(file.rawValue)'", line: nil)
    ]
  }

  fileprivate var requirementChecks: [Gate.Check] {
    (result["requirements"]?.elements ?? []).map { row in
      let text = row["text"]?.string ?? ""
      let (outcome, words): (Gate.Outcome, String) =
        switch row["verdict"]?.string {
        case "holds": (.passed, "holds")
        case "fails": (.failed, "does not hold")
        case _: (.skipped, "is undecided")
        }
      let found = RequirementSpec.measured(row).map { ", measured \($0)" } ?? ""
      return Gate.Check(
        rule: .requirement, name: text, outcome: outcome, measured: row["measured"]?.number,
        limit: nil, message: "'\(text)' \(words)\(found)", line: row["line"]?.integer)
    }
  }
}
