/// Who is told how far a search has come; any thread may tell.
public protocol SearchObserver: Sendable {
  /// Names the phase that comes next.
  func begin(_ phase: String)
  /// Says how many units of work the phase, or what comes next in it, has; none are done.
  func expect(_ total: Int)
  /// Says that some units more are done.
  func advance(by units: Int)
  /// Says that the search is over.
  func finish()
}

/// Listens to nothing.
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
