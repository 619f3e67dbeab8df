/// Receives the progress of a search, from any thread.
public protocol SearchObserver: Sendable {
  /// Begins a phase.
  func begin(_ phase: String)
  /// Sets the number of units of work that follow in the phase; none of them are done.
  func expect(_ total: Int)
  /// Reports more units done.
  func advance(by units: Int)
  /// Ends the search.
  func finish()
}

/// Ignores all progress.
public struct NoObserver: SearchObserver {
  /// An observer.
  public init() {}
  /// Does nothing.
  public func begin(_ phase: String) {}
  /// Does nothing.
  public func expect(_ total: Int) {}
  /// Does nothing.
  public func advance(by units: Int) {}
  /// Does nothing.
  public func finish() {}
}
