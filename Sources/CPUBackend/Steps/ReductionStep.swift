import Execution
import TensorGraph

/// Sums or maxima over some axes of a tensor in any layout.
///
/// Sums run in eight lanes over blocks of at most 1,024 elements that are then added pairwise or
/// row by row, so that the rounding error grows with the logarithm of a run's length.
final class ReductionStep: Step {
  private let fold: Operation.Reduction
  private var source: BufferID
  private var result: BufferID
  private let resultCount: Int
  /// The source's loops in memory order; `stride` walks the source, `otherStride` the result and
  /// is 0 along reduced axes.
  private let nest: [StridedDimension]
  private var memory: BoundMemory?

  init(
    _ fold: Operation.Reduction, source: BufferID, nest: [StridedDimension], result: BufferID,
    resultCount: Int
  ) {
    self.fold = fold
    self.source = source
    self.result = result
    self.resultCount = resultCount
    self.nest = nest.collapsed
  }

  var reads: [BufferID] { [source] }
  var writes: [BufferID] { [result] }
  var kind: String { "reduce \(fold.rawValue)" }
  var work: StepWork {
    let count = nest.elementCount
    return StepWork(operations: count, elementsRead: count, elementsWritten: resultCount)
  }
  var summary: String { "reduce \(fold.rawValue) \(nest.elementCount) → \(resultCount)" }

  func scratchCount(threads: Int) -> Int { threads * resultCount }

  func rename(_ canonical: (BufferID) -> BufferID) {
    source = canonical(source)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let (from, to) = (memory.address(source), memory.address(result))
    let grain = 32768
    let total = nest.elementCount
    guard team.threads > 1, total >= 2 * grain, let axis = splitDimension(team.threads) else {
      clear(to)
      return accumulate(nest, from, to)
    }
    let extent = nest[axis].extent
    let unit = max(1, grain / (total / extent))
    if nest[axis].otherStride != 0 {
      clear(to)
      team.forEachRange(count: extent, grain: unit) { _, range in
        let part = share(of: axis, range)
        accumulate(part.nest, from + part.offset, to + part.otherOffset)
      }
    } else {
      runWithPartials(axis, unit, from, to, memory.scratch, team)
    }
  }

  /// The dimension to divide among threads: a kept one if it is long enough, else the outermost.
  private func splitDimension(_ threads: Int) -> Int? {
    let kept = nest.indices.filter { nest[$0].otherStride != 0 }
    let longest = kept.max { nest[$0].extent < nest[$1].extent }
    if let longest, nest[longest].extent >= 4 * threads { return longest }
    return nest.isEmpty ? nil : 0
  }

  private func share(
    of axis: Int, _ range: Range<Int>
  ) -> (nest: [StridedDimension], offset: Int, otherOffset: Int) {
    var part = nest
    part[axis].extent = range.count
    return (part, range.lowerBound * nest[axis].stride, range.lowerBound * nest[axis].otherStride)
  }

  /// Each thread folds its share into a tensor of its own; these are then folded in thread order.
  private func runWithPartials(
    _ axis: Int, _ unit: Int, _ from: Elements, _ to: Elements, _ scratch: Elements,
    _ team: ThreadTeam
  ) {
    for thread in 0..<team.threads { clear(scratch + thread * resultCount) }
    team.forEachRange(count: nest[axis].extent, grain: unit) { thread, range in
      let part = share(of: axis, range)
      accumulate(part.nest, from + part.offset, scratch + thread * resultCount + part.otherOffset)
    }
    clear(to)
    for thread in 0..<team.threads {
      let partial = scratch + thread * resultCount
      for i in 0..<resultCount { to[i] = combined(to[i], partial[i]) }
    }
  }

  private func clear(_ to: Elements) {
    to.update(repeating: fold == .sum ? 0 : -.infinity, count: resultCount)
  }

  @inline(__always)
  private func combined(_ a: Float, _ b: Float) -> Float {
    fold == .sum ? a + b : (a > b || a.isNaN ? a : b)
  }

  private func accumulate(_ nest: [StridedDimension], _ from: Elements, _ to: Elements) {
    guard nest.elementCount > 0 else { return }
    guard let inner = nest.last else { return to.pointee = combined(to.pointee, from.pointee) }
    if inner.otherStride == 0 {
      accumulateRuns(nest, from, to)
    } else if nest.count == 1 || nest[nest.count - 2].otherStride != 0 {
      accumulateRows(nest.dropLast(), rows: 1, rowStride: 0, inner, from, to)
    } else {
      let rows = nest[nest.count - 2]
      accumulateRows(
        nest.dropLast(2), rows: rows.extent, rowStride: rows.stride, inner, from, to)
    }
  }

  /// The fastest dimension is folded: runs to single elements.
  private func accumulateRuns(_ nest: [StridedDimension], _ from: Elements, _ to: Elements) {
    let inner = nest[nest.count - 1]
    let outer = nest.dropLast()
    var walk = StrideWalk(outer)
    for _ in 0..<outer.elementCount {
      let run = from + walk.offset
      let value =
        inner.stride == 1
        ? (fold == .sum ? RunFold.sum(run, inner.extent) : RunFold.maximum(run, inner.extent))
        : folded(run, inner)
      to[walk.otherOffset] = combined(to[walk.otherOffset], value)
      walk.advance()
    }
  }

  private func folded(_ run: Elements, _ inner: StridedDimension) -> Float {
    var value = run.pointee
    for i in 1..<inner.extent { value = combined(value, run[i * inner.stride]) }
    return value
  }

  /// The fastest dimension is kept and the one before it folded: rows into a row.
  private func accumulateRows(
    _ outer: ArraySlice<StridedDimension>, rows: Int, rowStride: Int, _ inner: StridedDimension,
    _ from: Elements, _ to: Elements
  ) {
    var walk = StrideWalk(outer)
    let contiguous = inner.stride == 1 && inner.otherStride == 1
    for _ in 0..<outer.elementCount {
      let (block, target) = (from + walk.offset, to + walk.otherOffset)
      let whole = contiguous ? inner.extent & ~7 : 0
      for column in stride(from: 0, to: whole, by: 8) {
        let lanes = RunFold.column(block + column, rows: rows, stride: rowStride, fold)
        let before = Lanes.load(target + column)
        (fold == .sum ? before + lanes : Lanes.larger(before, lanes)).store(target + column)
      }
      for column in whole..<inner.extent {
        let at = column * inner.otherStride
        for row in 0..<rows {
          target[at] = combined(target[at], block[row * rowStride + column * inner.stride])
        }
      }
      walk.advance()
    }
  }
}
