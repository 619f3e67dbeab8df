import Dispatch
import Synchronization

/// Independent units of work on several cores, each worker with tools of its own.
enum Workers {
  /// The results in the order of the units; throws the error of the first unit that failed.
  ///
  /// - Parameters:
  ///   - workers: how many units are under way at once.
  ///   - tools: what one worker needs for all its units, such as a compiled graph.
  ///   - body: the result of a unit, which must not depend on what the tools did before.
  static func map<Tools, Result: Sendable>(
    units: Int, workers: Int, tools: @Sendable () throws -> Tools,
    _ body: @Sendable (Tools, Int) throws -> Result
  ) throws -> [Result] {
    let next = Atomic(0)
    let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: units))
    DispatchQueue.concurrentPerform(iterations: min(units, max(1, workers))) { _ in
      let tools = Swift.Result { try tools() }
      while true {
        let unit = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard unit < units else { return }
        let result = Swift.Result { try body(try tools.get(), unit) }
        results.withLock { $0[unit] = result }
      }
    }
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }
}
