import Dispatch
import Synchronization

/// Runs independent units of work on several cores; each worker has resources of its own.
enum Workers {
  /// The results in the order of the units; throws the error of the first unit that failed.
  ///
  /// - Parameters:
  ///   - workers: how many units run at once.
  ///   - resources: what one worker needs for all its units, such as a compiled graph.
  ///   - body: the result of a unit, which must not depend on earlier uses of the resources.
  static func map<Resources, Result: Sendable>(
    units: Int, workers: Int, resources: @Sendable () throws -> Resources,
    _ body: @Sendable (Resources, Int) throws -> Result
  ) throws -> [Result] {
    let next = Atomic(0)
    let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: units))
    DispatchQueue.concurrentPerform(iterations: min(units, max(1, workers))) { _ in
      let resources = Swift.Result { try resources() }
      while true {
        let unit = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard unit < units else { return }
        let result = Swift.Result { try body(try resources.get(), unit) }
        results.withLock { $0[unit] = result }
      }
    }
    return try results.withLock { try $0.compactMap { try $0?.get() } }
  }
}
