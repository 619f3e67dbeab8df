import Diagnostics
import Files
import Glibc
import Reporting

/// Makes the runs of a sweep, several at once.
struct SweepRuns {
  private let plans: [SweepPlan]
  private let jobs: Int
  private let isQuiet: Bool
  /// The places of runs that have not begun.
  private var waiting: Range<Int>
  private var running: [(place: Int, process: RunProcess)] = []
  /// The exit codes of the runs that have ended, by their places.
  private var codes: [Int: ExitCode] = [:]
  private var bar: ProgressBar
  /// Why no more runs are made.
  private var stop: ExitCode?
  /// Since when the next run waits for its folder.
  private var waitingSince: ContinuousClock.Instant?

  /// How often processes are looked after, in microseconds.
  private static let pause: UInt32 = 50_000
  /// How long the processes of a killed sweep may take to write their checkpoints.
  private static let patience = Duration.seconds(60)

  /// Runs to make, `jobs` at once; throws `file.…` where a folder holds another run.
  init(_ plans: [SweepPlan], jobs: Int, progress style: ProgressBar.Style) throws(Failure) {
    (self.plans, self.jobs) = (plans, jobs)
    isQuiet = style == .hidden
    waiting = plans.indices
    var done = 0
    for plan in plans {
      switch try plan.progress() {
      case .untouched: break
      case .begun: done += plan.epochsDone
      case .finished: done += plan.units
      }
    }
    bar = ProgressBar(
      total: plans.reduce(0) { $0 + $1.units }, firstStep: done, style: style)
  }

  /// How a sweep ends.
  enum Ending {
    /// With the exit code of each run.
    case finished([ExitCode])
    /// Before every run had ended: by a signal, or because of a fault that no other run would escape.
    case stopped(ExitCode)
  }

  /// Makes the runs; throws ``Failure`` where one cannot be started.
  mutating func run() throws(Failure) -> Ending {
    Interruption.install()
    defer { bar.finish() }
    while codes.count < plans.count, stop == nil {
      do throws(Failure) {
        try startMore()
      } catch {
        stopAll()
        throw error
      }
      collect()
      show()
      if Interruption.isRequested { stop = .interrupted }
      usleep(Self.pause)
    }
    guard let stop else { return .finished(plans.indices.map { codes[$0] ?? .bug }) }
    stopAll()
    bar.note(
      "the sweep has ended early: \(codes.count) of \(plans.count) runs are done, and the others keep what"
        + " they have; to go on, start the same sweep again")
    return .stopped(stop)
  }

  private mutating func startMore() throws(Failure) {
    while running.count < jobs, let place = waiting.first {
      let plan = plans[place]
      guard isFree(plan) else { return }
      waiting.removeFirst()
      switch try plan.progress() {
      case .finished(let code): codes[place] = code
      case .untouched:
        running.append((place, try RunProcess(plan.arguments(isResumed: false))))
      case .begun: running.append((place, try RunProcess(plan.arguments(isResumed: true))))
      }
    }
  }

  /// Whether a run need not wait: the processes of a killed sweep end soon, others have to be told of.
  private mutating func isFree(_ plan: SweepPlan) -> Bool {
    guard RunFolder.isBusy(plan.folder) else {
      waitingSince = nil
      return true
    }
    let since = waitingSince ?? .now
    waitingSince = since
    return .now - since > Self.patience
  }

  /// Takes note of the processes that have ended.
  private mutating func collect() {
    for (place, process) in running {
      guard let ending = process.ending() else { continue }
      running.removeAll { $0.place == place }
      take(ending, of: plans[place], at: place, process.printed)
    }
  }

  private mutating func take(
    _ ending: RunProcess.Ending, of plan: SweepPlan, at place: Int,
    _ printed: (output: String, errors: String)
  ) {
    switch ending {
    case .signal(let number):
      if stop == nil { bar.note("\(plan.text): the process was ended by signal \(number)") }
      stop = stop ?? .interrupted
    case .exit(let code):
      take(code, of: plan, at: place, printed)
    }
  }

  private mutating func take(
    _ code: ExitCode, of plan: SweepPlan, at place: Int,
    _ printed: (output: String, errors: String)
  ) {
    switch code {
    case .success: end(place, code, "")
    case .requirementFails where plan.hasResult:
      let report = plan.folder + "/" + RunFolder.File.report.rawValue
      end(place, code, "; a requirement fails, see '\(report)'")
    case .requirementFails, .failure:
      bar.write(printed.errors)
      end(place, code, "; it has no result")
    case .contradicted:
      bar.write(printed.errors)
      end(place, code, "; a certificate is contradicted")
    case .interrupted: stop = stop ?? code
    case .usage, .malformedData, .missingFile, .noDevice, .bug:
      bar.write(printed.errors)
      Terminal.write(printed.output, to: STDOUT_FILENO)
      stop = stop ?? code
    }
  }

  private mutating func end(_ place: Int, _ code: ExitCode, _ remark: String) {
    codes[place] = code
    guard !isQuiet || !remark.isEmpty else { return }
    bar.note("run \(codes.count) of \(plans.count) has ended: \(plans[place].text)\(remark)")
  }

  /// Ends every process, each with a checkpoint, and waits for that.
  private mutating func stopAll() {
    for (_, process) in running { process.stop() }
    while !running.isEmpty {
      collect()
      usleep(Self.pause)
    }
  }

  private mutating func show() {
    let ended = codes.keys.reduce(0) { $0 + plans[$1].units }
    let open = running.map { (plan: plans[$0.place], epochs: plans[$0.place].epochsDone) }
    let notes = open.map { plan, epochs in
      epochs < plan.epochs
        ? "\(plan.text) \(epochs)/\(plan.epochs) epochs" : "\(plan.text) certifying"
    }
    bar.update(
      done: ended + open.reduce(0) { $0 + $1.epochs },
      notes: ["\(codes.count) of \(plans.count) runs"] + notes)
  }
}

extension SweepPlan {
  /// What a run counts for in the progress of a sweep: its epochs, and 1 for what follows training.
  fileprivate var units: Int { epochs + 1 }
}
