import Execution

/// A fused region of elementwise operations, executed chunk by chunk on a tape whose intermediates
/// stay in the first-level cache.
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

  let count: Int
  private(set) var loads: [Load]
  private(set) var instructions: [Instruction]
  private var tape = BoundTape()

  init(count: Int, loads: [Load], instructions: [Instruction]) {
    self.count = count
    self.loads = loads
    self.instructions = instructions
  }

  var reads: [BufferID] { loads.map(\.buffer) }
  var writes: [BufferID] { instructions.compactMap(\.output) }
  var kind: String { isCopy ? "copy" : "elementwise" }
  var work: StepWork {
    let operations = instructions.count { $0.opcode != .copy }
    return StepWork(
      operations: operations * count,
      elementsRead: loads.reduce(0) { $0 + elementCount($1.access) },
      elementsWritten: writes.count * count)
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
    let names = instructions.map { instruction in
      switch instruction.opcode {
      case .unary(let function): function.rawValue
      case .binary(let function): function.rawValue
      case .compare(let relation): relation.rawValue
      case .select: "select"
      case .copy: "copy"
      }
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
  }

  func scratchCount(threads: Int) -> Int {
    let registers = TapeRegisters(instructions: instructions, loads: loads).count
    return threads * registers * BoundTape.chunk
  }

  func bind(_ memory: BoundMemory) {
    tape = BoundTape(instructions: instructions, loads: loads, memory: memory)
  }

  func run(_ team: ThreadTeam) {
    let chunk = BoundTape.chunk
    let grain = max(1, tape.grain / chunk)
    team.forEachRange(count: (count + chunk - 1) / chunk, grain: grain) { thread, chunks in
      for index in chunks {
        tape.run(thread: thread, start: index * chunk, count: min(chunk, count - index * chunk))
      }
    }
  }

}
