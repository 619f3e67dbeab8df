import Attacks
import Diagnostics
import LipschitzBounds
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

  /// Shows a search for better constants.
  public func show(_ search: BoundProgress) {
    switch search {
    case .steps(let step, let neurons):
      announce("multipliers of \(NumberText.grouped(neurons)) neurons  step \(step)")
    case .pairs(let done, let total):
      begin("multipliers of pairs")
      if done == 0 { expect(total) }
      advance(to: done)
    }
  }

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
  public func advance(by units: Int) { advance { $0 + units } }

  private func advance(to done: Int) { advance { _ in done } }

  private func advance(_ count: (Int) -> Int) {
    state.withLock {
      $0.done = min(count($0.done), $0.total)
      let counts = "\(NumberText.grouped($0.done)) of \(NumberText.grouped($0.total))"
      $0.bar.update(done: $0.done, notes: ["\($0.name)  \(counts)"])
    }
  }

  /// Removes the line: what the phases have found is printed elsewhere.
  public func finish() { state.withLock { $0.bar.erase() } }
}
