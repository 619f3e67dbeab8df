import CGOMP

/// The OpenMP threads that oneDNN also runs on, given to the engine's own loops.
///
/// Work is divided into contiguous ranges by thread number alone, so that results are bitwise equal
/// over runs at a fixed thread count.
struct ThreadTeam: Sendable {
  /// How many threads take part, at least 1.
  let threads: Int

  /// Makes later parallel regions of the calling thread use this team's size.
  func enter() { omp_set_num_threads(CInt(threads)) }

  /// Calls `body`, whose parallel regions, if it starts any, have one thread.
  @inline(__always)
  static func alone<Result>(_ body: () -> Result) -> Result {
    let threads = omp_get_max_threads()
    omp_set_num_threads(1)
    defer { omp_set_num_threads(threads) }
    return body()
  }

  /// Calls `body(thread, range)` for disjoint ranges that cover `0..<count`.
  ///
  /// - Parameters:
  ///   - count: units of work.
  ///   - grain: the fewest units worth another thread.
  /// - Returns: the number of ranges, those of the first threads.
  @discardableResult
  func forEachRange(
    count: Int, grain: Int, _ body: (_ thread: Int, _ range: Range<Int>) -> Void
  ) -> Int {
    guard count > 0 else { return 0 }
    let wanted = min(threads, max(1, count / max(1, grain)))
    if wanted == 1 {
      body(0, 0..<count)
      return 1
    }
    return withoutActuallyEscaping(body) { body in
      var region = ParallelRegion(count: count, body: body)
      withUnsafeMutablePointer(to: &region) {
        GOMP_parallel(runRegion, UnsafeMutableRawPointer($0), UInt32(wanted), 0)
      }
      return region.parts
    }
  }
}

/// What the threads of one parallel loop share.
private struct ParallelRegion {
  let count: Int
  let body: (Int, Range<Int>) -> Void
  /// How many threads there were, at most as many as wanted.
  var parts = 0
}

/// The C entry of every thread: runs its share.
private func runRegion(_ context: UnsafeMutableRawPointer?) {
  guard let region = context?.assumingMemoryBound(to: ParallelRegion.self) else { return }
  let (thread, threads) = (Int(omp_get_thread_num()), Int(omp_get_num_threads()))
  let count = region.pointee.count
  if thread == 0 { region.pointee.parts = threads }
  let range = (count * thread / threads)..<(count * (thread + 1) / threads)
  if !range.isEmpty { region.pointee.body(thread, range) }
}
