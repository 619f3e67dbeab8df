import Dispatch
import Synchronization

/// The cores that a computation may use.
public struct Workers: Sendable, Hashable {
  /// How many units of work run at once; at least 1.
  public let count: Int

  /// One worker: everything runs on the calling thread.
  public static let single = Workers(1)

  /// - Parameter count: smaller numbers than 1 count as 1.
  public init(_ count: Int) { self.count = max(1, count) }

  /// Calls `body` once for each number below `units`, on all workers, in no particular order.
  ///
  /// A worker takes the next unit when it has finished one, so units may differ in size.
  public func forEach(_ units: Int, _ body: @Sendable (Int) -> Void) {
    let workers = min(units, count)
    guard workers > 1 else {
      for unit in 0..<max(0, units) { body(unit) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let unit = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard unit < units else { return }
        body(unit)
      }
    }
  }

  /// The results in the order of the units, each worker with resources of its own; throws the error of the first
  /// unit that failed.
  ///
  /// - Parameters:
  ///   - resources: what one worker needs for all its units, such as a compiled graph.
  ///   - body: the result of a unit, which must not depend on earlier uses of the resources.
  public func map<Resources, Result: Sendable>(
    _ units: Int, resources: @Sendable () throws -> Resources,
    _ body: @Sendable (Resources, Int) throws -> Result
  ) throws -> [Result] {
    let next = Atomic(0)
    let results = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: units))
    DispatchQueue.concurrentPerform(iterations: min(units, count)) { _ in
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

  /// The results of independent units, in order.
  public func map<Result: Sendable>(
    _ units: Int, _ body: @Sendable (Int) -> Result
  ) -> [Result] {
    let results = Mutex<[Result?]>(Array(repeating: nil, count: units))
    forEach(units) { unit in
      let result = body(unit)
      results.withLock { $0[unit] = result }
    }
    return results.withLock { $0.compactMap(\.self) }
  }
}
