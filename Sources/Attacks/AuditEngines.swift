import Execution

/// What an audit computes on: for searches that go step by step one engine on all threads, for those that
/// consist of independent parts an engine of one thread, used by as many workers.
public struct AuditEngines {
  /// The engine on all threads.
  let team: any Backend
  /// The engine on one thread.
  let single: any Backend
  /// How many workers run at once.
  let workers: Int

  /// Engines of given parts.
  public init(team: any Backend, single: any Backend, workers: Int) {
    self.team = team
    self.single = single
    self.workers = workers
  }
}
