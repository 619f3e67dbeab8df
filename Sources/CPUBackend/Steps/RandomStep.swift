import Execution
import TensorGraph

/// Fills a tensor with numbers of a ``CounterRandom`` stream.
final class RandomStep: Step {
  private let stream: UInt64
  private var counter: BufferID
  private var result: BufferID
  private let count: Int
  private var memory: BoundMemory?

  init(stream: UInt64, counter: BufferID, result: BufferID, count: Int) {
    self.stream = stream
    self.counter = counter
    self.result = result
    self.count = count
  }

  var reads: [BufferID] { [counter] }
  var writes: [BufferID] { [result] }
  var kind: String { "random" }
  var work: StepWork { StepWork(operations: 0, elementsRead: 1, elementsWritten: count) }
  var summary: String { "random \(count)" }

  func rename(_ canonical: (BufferID) -> BufferID) {
    counter = canonical(counter)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let d = memory.address(result)
    let counter = CounterRandom.counter(Double(memory.address(self.counter).pointee))
    team.forEachRange(count: count, grain: 8192) { _, range in
      for i in range {
        d[i] = Float(CounterRandom.uniform(stream: stream, counter: counter, index: UInt64(i)))
      }
    }
  }
}
