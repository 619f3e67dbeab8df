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
