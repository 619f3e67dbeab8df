import Diagnostics
import Files
import Reporting

/// `lmtc sweep`: a run for every combination of values, then their comparison.
///
/// Each run has a folder of its own. What is finished is skipped and what was interrupted goes on, so that a sweep
/// that was killed at any moment can be started again.
public struct SweepCommand {
  private let invocation: Invocation
  private let backends: [any EngineFactory]
  private let variations: [String]
  private let folder: String?
  private let format: Comparison.Format
  private let plot: String?

  /// The most runs of a sweep.
  private static let maximumRuns = 10_000

  /// A command.
  ///
  /// - Parameters:
  ///   - variations: texts `path=v1,v2` or `path=first..last`.
  ///   - folder: receives the folders of the runs; `runs/<name>-sweep` if nil.
  ///   - plot: receives the accuracy curves of all runs as SVG, if given.
  public init(
    _ invocation: Invocation, backends: [any EngineFactory], variations: [String], folder: String?,
    format: Comparison.Format, plot: String? = nil
  ) {
    (self.invocation, self.backends, self.variations) = (invocation, backends, variations)
    (self.folder, self.format, self.plot) = (folder, format, plot)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(isJSON: format == .json, color: invocation.color)
    do {
      let plans = try plans()
      var ended: [(folder: String, code: ExitCode)] = []
      for (index, plan) in plans.enumerated() {
        if !invocation.isQuiet {
          Console.note("run \(index + 1) of \(plans.count): \(plan.text)")
        }
        let code = try end(plan, console)
        if code == .interrupted {
          Console.note("\(ended.count) of \(plans.count) runs are done; start the same sweep again")
          return .interrupted
        }
        if code == .requirementFails {
          Console.note(
            "\(plan.text): a requirement fails; see '\(plan.folder)/\(RunFolder.File.report.rawValue)'"
          )
        }
        ended.append((plan.folder, code))
      }
      return try compare(ended)
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }

  /// A run to make.
  private struct Plan {
    let text: String
    let invocation: Invocation
    let folder: String
    let loading: SpecLoading
  }

  /// Compiles every combination first, so that a mistake in the last shows before the first is trained.
  private func plans() throws(Failure) -> [Plan] {
    var parsed: [Variation] = []
    for text in variations { parsed.append(try Variation(text)) }
    if let twice = parsed.indices.first(where: { index in
      parsed[..<index].contains { $0.path == parsed[index].path }
    }) {
      throw Failure(
        Diagnostic(
          .init(.usage, "vary"), "'--vary' names \(parsed[twice].path.quoted) twice", at: .none,
          help: "list all its values in one '--vary'"))
    }
    let count = parsed.reduce(1.0) { $0 * Double($1.values.count) }
    guard count <= Double(Self.maximumRuns) else {
      throw Failure(
        Diagnostic(
          .init(.usage, "vary"),
          "a sweep may have at most \(NumberText.grouped(Self.maximumRuns)) runs; these values make more",
          at: .none, help: "vary fewer paths"))
    }
    var plans: [Plan] = []
    for overrides in Variation.combinations(parsed) {
      var changed = invocation
      changed.overrides += overrides
      let loading = try SpecLoading(changed)
      let base = folder ?? RunFolder.defaultPath(for: loading.compilation.spec.name) + "-sweep"
      plans.append(
        Plan(
          text: overrides.joined(separator: " "), invocation: changed,
          folder: base + "/" + Variation.folderName(overrides), loading: loading))
    }
    return plans
  }

  /// Makes a run, or goes on with it, or finds it finished.
  private func end(_ plan: Plan, _ console: Console) throws -> ExitCode {
    var isResumed = false
    if let folder = try? RunFolder(existing: plan.folder), folder.contains(.resolvedSpec) {
      try folder.requireSameSpec(as: plan.loading.compilation.spec)
      if folder.contains(.report), folder.contains(.result) {
        if folder.contains(.witnesses) { return .contradicted }
        return try RunRecord(plan.folder).isAccepted ? .success : .requirementFails
      }
      isResumed = folder.contains(.checkpoint)
    }
    var quiet = plan.invocation
    quiet.isJSON = false
    do {
      let command = RunCommand(
        quiet, backends: backends, folder: plan.folder, isResumed: isResumed)
      switch try command.ending(console) {
      case .finished(let result):
        console.show((result.adversarial?.contradictions ?? []).map(\.diagnostic))
        return result.exitCode
      case .interrupted: return .interrupted
      }
    } catch let failure as Failure where failure.isOfThisRun {
      console.show(failure.diagnostics)
      return ExitCode(for: failure.diagnostics)
    }
  }

  /// Compares what was reached; the code is that of the most serious ending.
  private func compare(_ ended: [(folder: String, code: ExitCode)]) throws(Failure) -> ExitCode {
    let reached = ended.filter { $0.code.hasResult }.map(\.folder)
    if !reached.isEmpty {
      try CompareCommand(runs: reached, format: format, plot: plot, color: invocation.color).show()
    }
    let codes = Set(ended.map(\.code))
    return [.contradicted, .failure, .requirementFails].first(where: codes.contains) ?? .success
  }
}

extension Failure {
  /// Whether the next run of a sweep may do better: training diverged, or a requirement cannot hold.
  fileprivate var isOfThisRun: Bool {
    diagnostics.allSatisfy { $0.id.area == .train || $0.id.area == .require }
  }
}

extension ExitCode {
  /// Whether a run that ends so leaves a result.
  fileprivate var hasResult: Bool {
    self == .success || self == .requirementFails || self == .contradicted
  }
}
