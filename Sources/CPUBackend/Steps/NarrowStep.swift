import CMatrixKernels
import Execution

/// Copies numbers that are rounded to bfloat16 into half the memory.
final class NarrowStep: Step {
  private let count: Int
  private var source, result: BufferID
  private var memory: BoundMemory?

  init(count: Int, source: BufferID, result: BufferID) {
    (self.count, self.source, self.result) = (count, source, result)
  }

  var reads: [BufferID] { [source] }
  var writes: [BufferID] { [result] }
  var kind: String { "narrow" }
  var work: StepWork {
    StepWork(operations: 0, elementsRead: count, elementsWritten: (count + 1) / 2)
  }
  var summary: String { "narrow \(count) to bfloat16" }

  func rename(_ canonical: (BufferID) -> BufferID) {
    source = canonical(source)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let numbers = memory.address(source)
    let halves = UnsafeMutableRawPointer(memory.address(result)).bindMemory(
      to: UInt16.self, capacity: count)
    team.forEachRange(count: count, grain: 65536) { _, range in
      lmtc_narrow(numbers + range.lowerBound, halves + range.lowerBound, range.count)
    }
  }
}
