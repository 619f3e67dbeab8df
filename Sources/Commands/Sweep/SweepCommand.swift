import Diagnostics
import Files
import Glibc
import Reporting

/// `lmtc sweep`: a run for every combination of values, then their comparison.
///
/// Each run is a process of its own with a folder of its own. What is finished is skipped and what was interrupted goes
/// on, so that a sweep that was killed at any moment can be started again.
public struct SweepCommand {
  private let invocation: Invocation
  private let variations: [String]
  private let folder: String?
  private let jobs: Int?
  private let format: Comparison.Format
  private let plot: String?

  /// A command.
  ///
  /// - Parameters:
  ///   - variations: texts `path=v1,v2` or `path=first..last`.
  ///   - folder: receives the folders of the runs; `runs/<name>-sweep` if nil.
  ///   - jobs: how many runs are made at once; what fits on the cores if nil.
  ///   - plot: receives the accuracy curves of all runs as SVG, if given.
  public init(
    _ invocation: Invocation, variations: [String], folder: String?, jobs: Int? = nil,
    format: Comparison.Format, plot: String? = nil
  ) {
    (self.invocation, self.variations, self.folder) = (invocation, variations, folder)
    (self.jobs, self.format, self.plot) = (jobs, format, plot)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() -> ExitCode {
    let console = Console(isJSON: format == .json, color: invocation.color)
    do throws(Failure) {
      let share = CoreShare(invocation, jobs: jobs)
      var invocation = invocation
      (invocation.isJSON, invocation.threads) = (console.isJSON, share.threads)
      // What a run prints is shown on this process' terminal, if it has one.
      let isColored = Terminal.style(invocation.color, on: STDERR_FILENO).isColored
      invocation.color = isColored ? .always : .never
      let plans = try SweepPlan.all(invocation, varying: variations, into: folder)
      // Others may write to the runs' folders, but no other sweep to this one's.
      let lock = try RunFolder(creating: plans.folder, isExclusive: true)
      defer { withExtendedLifetime(lock) {} }
      var runs = try SweepRuns(plans.runs, jobs: share.jobs, progress: invocation.progress)
      switch try runs.run() {
      case .finished(let codes): return try compare(plans.runs, codes)
      case .stopped(let code): return code
      }
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  /// Compares what was reached; the code is that of the most serious ending.
  private func compare(_ plans: [SweepPlan], _ codes: [ExitCode]) throws(Failure) -> ExitCode {
    let reached = plans.filter(\.hasResult).map(\.folder)
    if !reached.isEmpty {
      try CompareCommand(runs: reached, format: format, plot: plot, color: invocation.color).show()
    }
    return [.contradicted, .failure, .requirementFails].first(where: codes.contains) ?? .success
  }
}

/// How the cores are divided among runs.
struct CoreShare {
  /// How many runs are made at once.
  let jobs: Int
  /// The threads of each.
  let threads: Int

  /// What an invocation asks for; what it leaves open is such that all cores are used once.
  init(_ invocation: Invocation, jobs: Int?, cores: Int = Machine.cores) {
    threads = invocation.threads ?? max(1, cores / (jobs ?? 1))
    // Another device serves one process at a time.
    let fitting = invocation.deviceName == "cpu" ? max(1, cores / threads) : 1
    self.jobs = jobs ?? fitting
  }
}
