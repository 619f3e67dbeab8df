import Execution

/// What an audit computes on: for searches that go step by step one engine on all threads, for those that
/// consist of independent parts an engine of one thread, used by as many workers.
struct AuditEngines {
  /// The engine on all threads.
  let team: any Backend
  /// The engine on one thread.
  let single: any Backend
  /// How many workers run at once.
  let workers: Int

  /// The engines that a command asks for; throws ``Failure`` (`device.unknown`).
  init(_ invocation: Invocation, among factories: [any EngineFactory]) throws {
    var alone = invocation
    alone.threads = 1
    team = try invocation.backend(among: factories)
    single = try alone.backend(among: factories)
    workers = invocation.threads ?? Machine.cores
  }
}
