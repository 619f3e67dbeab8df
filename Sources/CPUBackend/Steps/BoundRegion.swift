/// A fused region with addresses, which divides its chunks among threads.
///
/// A sum is added up in the lanes of a vector over at most 64 chunks, and in Double beyond: for each thread, then over
/// threads in their order.
final class BoundRegion {
  private let layout: TapeLayout
  private let tape: BoundTape
  private let sums: [BoundSum]
  private let scratch: Elements
  /// Chunks of a run.
  private let chunks: Int
  /// Chunks of the region.
  private let units: Int
  /// The fewest chunks worth another thread.
  private let grain: Int
  /// Totals of a thread.
  private let totalCount: Int

  /// Chunks whose elements are added up in float32.
  private static let chunksAtOnce = 64

  init(_ step: ElementwiseStep, _ memory: BoundMemory) {
    layout = TapeLayout(step)
    tape = BoundTape(step, layout, memory)
    scratch = memory.scratch
    chunks = (layout.run + layout.chunk - 1) / layout.chunk
    units = step.count / layout.run * chunks
    let weight = step.instructions.reduce(step.sums.count) { $0 + $1.opcode.weight }
    grain = 262_144 / (weight * layout.chunk)
    var first = 0
    var sums: [BoundSum] = []
    for (index, sum) in step.sums.enumerated() {
      sums.append(
        BoundSum(
          runs: layout.sums[index], lanes: layout.place(ofSum: index), totals: first,
          count: sum.count, result: memory.address(sum.result)))
      first += sum.count
    }
    self.sums = sums
    totalCount = first
  }

  /// Computes.
  func run(_ team: ThreadTeam) {
    let totals = UnsafeMutableRawPointer(scratch + team.threads * layout.count).bindMemory(
      to: Double.self, capacity: max(1, team.threads * totalCount))
    let parts = team.forEachRange(count: units, grain: grain) { thread, range in
      let locals = scratch + thread * layout.count
      if sums.isEmpty {
        run(range, locals) { _ in }
      } else {
        let own = totals + thread * totalCount
        clear(locals, own)
        run(range, locals) { add(locals, run: $0, to: own) }
      }
    }
    for sum in sums {
      for i in sum.totals..<sum.totals + sum.count {
        let total = (0..<parts).reduce(0) { $0 + totals[$1 * totalCount + i] }
        sum.result[i - sum.totals] = Float(total)
      }
    }
  }

  /// Runs some chunks; calls `flush` with their run after the last one of each and often enough in between.
  @inline(__always)
  private func run(_ range: Range<Int>, _ locals: Elements, _ flush: (Int) -> Void) {
    var (run, chunk) = (range.lowerBound / chunks, range.lowerBound % chunks)
    tape.prepare(locals, start: run * layout.run)
    for unit in range {
      let start = chunk * layout.chunk
      tape.run(
        locals, start: run * layout.run + start, count: min(layout.chunk, layout.run - start))
      chunk += 1
      if chunk == chunks || unit + 1 == range.upperBound {
        flush(run)
        (run, chunk) = (run + 1, 0)
        if unit + 1 < range.upperBound { tape.prepare(locals, start: run * layout.run) }
      } else if chunk % Self.chunksAtOnce == 0 {
        flush(run)
      }
    }
  }

  private func clear(_ locals: Elements, _ totals: UnsafeMutablePointer<Double>) {
    totals.update(repeating: 0, count: totalCount)
    (locals + layout.place(ofSum: 0)).update(repeating: 0, count: sums.count * TapeLayout.vector)
  }

  /// Moves the lanes of the sums, which belong to a run, to a thread's totals.
  private func add(_ locals: Elements, run: Int, to totals: UnsafeMutablePointer<Double>) {
    for sum in sums {
      let target = totals + sum.totals + sum.runs.place(ofElement: run * layout.run)
      let lanes = locals + sum.lanes
      for lane in 0..<TapeLayout.vector {
        target[lane % sum.runs.period] += Double(lanes[lane])
        lanes[lane] = 0
      }
    }
  }
}

/// A sum with addresses.
private struct BoundSum {
  let runs: RepeatedRuns
  /// The place of its lanes in a thread's working memory.
  let lanes: Int
  /// Its first total among those of all sums.
  let totals: Int
  let count: Int
  let result: Elements
}
