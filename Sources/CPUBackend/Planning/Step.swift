import Execution

/// A buffer of the plan, before it has an address.
typealias BufferID = Int

/// One kernel launch of a plan.
protocol Step: AnyObject {
  /// Buffers whose earlier contents are used.
  var reads: [BufferID] { get }
  /// Buffers that are filled.
  var writes: [BufferID] { get }
  /// The kind of operation, for profiles.
  var kind: String { get }
  /// What a run computes and moves.
  var work: StepWork { get }
  /// Kernel and shapes for the plan's text.
  var summary: String { get }
  /// Elements of working memory needed while running, shared by all steps.
  func scratchCount(threads: Int) -> Int
  /// Replaces buffers by those they share memory with.
  func rename(_ canonical: (BufferID) -> BufferID)
  /// Learns the addresses, which hold for the executable's life.
  func bind(_ memory: BoundMemory)
  /// Computes.
  func run(_ team: ThreadTeam)
}

extension Step {
  func scratchCount(threads: Int) -> Int { 0 }
}

extension StepWork {
  /// The work of a step on float32 elements.
  init(operations: Int, elementsRead: Int, elementsWritten: Int) {
    let size = MemoryLayout<Float>.stride
    self.init(
      operations: operations, bytesRead: elementsRead * size, bytesWritten: elementsWritten * size)
  }
}

/// The addresses of a plan's buffers.
struct BoundMemory {
  /// The first element of each buffer.
  let address: (BufferID) -> Elements
  /// The shared working memory.
  let scratch: Elements
}
