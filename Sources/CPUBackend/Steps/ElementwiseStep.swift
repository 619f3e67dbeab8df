import Execution

/// A fused region of elementwise operations and of sums over their results, executed chunk by chunk on a tape whose
/// intermediates stay in the first-level cache.
final class ElementwiseStep: Step {
  /// How an operand from outside the region is read.
  enum Access: Hashable {
    /// Element i of the region is element i of the buffer.
    case direct
    /// One element for all.
    case scalar(offset: Int)
    /// Another order, or repeated elements.
    case strided(StridedSource)
  }
  /// An operand from outside.
  struct Load: Hashable {
    var buffer: BufferID
    let access: Access
  }
  /// Where an instruction takes an operand from.
  enum Source: Hashable {
    case load(Int)
    case constant(Float)
    case instruction(Int)
  }
  /// One operation of the region, in order of execution.
  struct Instruction {
    let opcode: TapeOpcode
    let sources: [Source]
    /// The buffer that keeps the result beyond the region.
    var output: BufferID?
  }
  /// A sum of an instruction's results over some axes.
  struct Sum {
    let instruction: Int
    /// Where each element of the region is added; its runs must repeat.
    let view: StridedSource
    var result: BufferID
    /// Elements of the result.
    let count: Int
  }

  let count: Int
  private(set) var loads: [Load]
  private(set) var instructions: [Instruction]
  private(set) var sums: [Sum]
  private var bound: BoundRegion?

  init(count: Int, loads: [Load], instructions: [Instruction], sums: [Sum] = []) {
    self.count = count
    self.loads = loads
    self.instructions = instructions
    self.sums = sums
  }

  var reads: [BufferID] { loads.map(\.buffer) }
  var writes: [BufferID] { instructions.compactMap(\.output) + sums.map(\.result) }
  var kind: String { isCopy ? "copy" : "elementwise" }
  var work: StepWork {
    let operations = instructions.count { $0.opcode != .copy } + sums.count
    return StepWork(
      operations: operations * count,
      elementsRead: loads.reduce(0) { $0 + elementCount($1.access) },
      elementsWritten: instructions.count { $0.output != nil } * count
        + sums.reduce(0) { $0 + $1.count })
  }
  /// Whether the step only moves elements: to another layout, or out of a view.
  private var isCopy: Bool { instructions.allSatisfy { $0.opcode == .copy } }
  private func elementCount(_ access: Access) -> Int {
    switch access {
    case .direct: count
    case .scalar: 1
    case .strided(let view): view.distinctCount
    }
  }
  var summary: String {
    let names = instructions.enumerated().map { index, instruction in
      let name =
        switch instruction.opcode {
        case .unary(let function): function.rawValue
        case .binary(let function): function.rawValue
        case .compare(let relation): relation.rawValue
        case .select: "select"
        case .copy: "copy"
        }
      let totals = sums.filter { $0.instruction == index }.map { " (sum → \($0.count))" }
      return name + totals.joined()
    }
    return isCopy ? "copy \(count)" : "elementwise \(count): " + names.joined(separator: " ")
  }

  /// Whether a result can overwrite an operand at its last use: the operand is read in place only, and
  /// never after the result is written.
  func canOverwrite(_ operand: BufferID, with output: BufferID) -> Bool {
    guard let writer = instructions.firstIndex(where: { $0.output == output }) else { return false }
    for (index, load) in loads.enumerated() where load.buffer == operand {
      if load.access != .direct { return false }
      let last = instructions.lastIndex { $0.sources.contains(.load(index)) } ?? -1
      if last > writer { return false }
    }
    return true
  }

  func rename(_ canonical: (BufferID) -> BufferID) {
    for i in loads.indices { loads[i].buffer = canonical(loads[i].buffer) }
    for i in instructions.indices {
      instructions[i].output = instructions[i].output.map(canonical)
    }
    for i in sums.indices { sums[i].result = canonical(sums[i].result) }
  }

  /// Working memory of each thread, then its totals of all sums as Double.
  func scratchCount(threads: Int) -> Int {
    threads * (TapeLayout(self).count + 2 * sums.reduce(0) { $0 + $1.count })
  }

  func bind(_ memory: BoundMemory) { bound = BoundRegion(self, memory) }

  func run(_ team: ThreadTeam) { bound?.run(team) }
}
