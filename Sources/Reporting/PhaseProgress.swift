import Attacks
import Diagnostics
import Synchronization

/// One progress bar for successive phases; any thread may report.
public final class PhaseProgress: SearchObserver {
  private struct State {
    var bar: ProgressBar
    var name = ""
    var done = 0
    var total = 0
  }

  private let state: Mutex<State>

  /// A bar for phases to come.
  public init(_ style: ProgressBar.Style) {
    state = Mutex(State(bar: ProgressBar(total: 0, firstStep: 0, style: style)))
  }

  /// Begins a phase.
  public func begin(_ name: String) { state.withLock { $0.name = name } }

  /// Shows a phase that does not say how much of it is done.
  public func announce(_ name: String) { state.withLock { $0.bar.announce(name) } }

  /// Sets the number of units of work that follow in the phase; none of them are done.
  public func expect(_ total: Int) { expect(total, done: 0) }

  /// Sets the number of units of work of the phase, and how many of them are done already.
  public func expect(_ total: Int, done: Int) {
    state.withLock {
      ($0.done, $0.total) = (done, total)
      $0.bar.restart(total: total, firstStep: done)
    }
  }

  /// Reports more units done.
  public func advance(by units: Int) {
    state.withLock {
      $0.done = min($0.done + units, $0.total)
      let counts = "\(NumberText.grouped($0.done)) of \(NumberText.grouped($0.total))"
      $0.bar.update(done: $0.done, note: "\($0.name)  \(counts)")
    }
  }

  /// Ends the line.
  public func finish() { state.withLock { $0.bar.finish() } }
}
