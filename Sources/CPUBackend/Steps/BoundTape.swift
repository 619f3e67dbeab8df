/// Which register of a chunk's working memory holds each intermediate.
struct TapeRegisters {
  /// Register of each instruction's result; nil if it is written directly to its output.
  private(set) var ofInstruction: [Int?]
  /// Register of each load that is gathered first.
  private(set) var ofLoad: [Int?]
  /// Instructions before which each gathered load is read.
  private(set) var firstUse: [Int]
  /// How many registers there are.
  private(set) var count = 0

  /// Assigns registers, each reused after its last use.
  init(instructions: [ElementwiseStep.Instruction], loads: [ElementwiseStep.Load]) {
    ofInstruction = Array(repeating: nil, count: instructions.count)
    ofLoad = Array(repeating: nil, count: loads.count)
    firstUse = Array(repeating: -1, count: loads.count)
    var lastUse: [ElementwiseStep.Source: Int] = [:]
    for (i, instruction) in instructions.enumerated() {
      for source in instruction.sources { lastUse[source] = i }
    }
    var free: [Int] = []
    for (i, instruction) in instructions.enumerated() {
      for case .load(let load) in instruction.sources where firstUse[load] < 0 {
        firstUse[load] = i
        if case .strided = loads[load].access { ofLoad[load] = take(&free) }
      }
      let dying = Set(instruction.sources).filter { lastUse[$0] == i }.compactMap(register)
      // An elementwise kernel may write over its own operand.
      free += dying.sorted(by: >)
      if instruction.output == nil { ofInstruction[i] = take(&free) }
      if instruction.output == nil, lastUse[.instruction(i)] == nil {
        free.append(ofInstruction[i]!)
      }
    }
  }

  private func register(_ source: ElementwiseStep.Source) -> Int? {
    switch source {
    case .load(let load): ofLoad[load]
    case .instruction(let i): ofInstruction[i]
    case .constant: nil
    }
  }

  private mutating func take(_ free: inout [Int]) -> Int {
    if let register = free.popLast() { return register }
    count += 1
    return count - 1
  }
}

/// A tape with addresses, ready to run.
struct BoundTape: @unchecked Sendable {
  /// Elements a chunk.
  static let chunk = 1024

  fileprivate struct Operand {
    var base: Elements
    var kind: Kind
    enum Kind { case stream, scalar, register }
  }
  private struct Bound {
    var opcode: TapeOpcode
    var gather: StridedSource?
    var result: Operand
    var sources: (Operand, Operand, Operand)
  }

  private var steps: [Bound] = []
  private var registerStride = 0
  private var constantStorage: ConstantStorage?
  /// The fewest elements worth another thread.
  private(set) var grain = 16384

  /// An empty tape.
  init() {}

  /// Resolves operands to addresses.
  init(
    instructions: [ElementwiseStep.Instruction], loads: [ElementwiseStep.Load], memory: BoundMemory
  ) {
    let registers = TapeRegisters(instructions: instructions, loads: loads)
    let storage = ConstantStorage(instructions)
    constantStorage = storage
    registerStride = registers.count * Self.chunk
    func at(register: Int) -> Operand {
      Operand(base: memory.scratch + register * Self.chunk, kind: .register)
    }
    func operand(_ source: ElementwiseStep.Source) -> Operand {
      switch source {
      case .constant(let value): return Operand(base: storage.address(of: value), kind: .scalar)
      case .instruction(let i):
        if let output = instructions[i].output {
          return Operand(base: memory.address(output), kind: .stream)
        }
        return at(register: registers.ofInstruction[i]!)
      case .load(let load):
        let base = memory.address(loads[load].buffer)
        switch loads[load].access {
        case .direct: return Operand(base: base, kind: .stream)
        case .scalar(let offset): return Operand(base: base + offset, kind: .scalar)
        case .strided: return at(register: registers.ofLoad[load]!)
        }
      }
    }
    for (i, instruction) in instructions.enumerated() {
      for load in loads.indices where registers.firstUse[load] == i {
        guard case .strided(let view) = loads[load].access else { continue }
        let from = Operand(base: memory.address(loads[load].buffer), kind: .scalar)
        steps.append(
          Bound(
            opcode: .copy, gather: view, result: at(register: registers.ofLoad[load]!),
            sources: (from, from, from)))
      }
      let sources = instruction.sources.map(operand)
      let result =
        instruction.output.map { Operand(base: memory.address($0), kind: .stream) }
        ?? at(register: registers.ofInstruction[i]!)
      steps.append(
        Bound(
          opcode: instruction.opcode, gather: nil, result: result,
          sources: (sources[0], sources.dropFirst().first ?? sources[0], sources.last!)))
    }
    grain = 131_072 / max(1, steps.reduce(0) { $0 + $1.opcode.weight })
  }

  /// Runs the tape over one chunk.
  func run(thread: Int, start: Int, count: Int) {
    let registers = thread &* registerStride
    for step in steps {
      let result = step.result.address(start, registers)
      let (a, b, c) = step.sources
      if let gather = step.gather {
        gather.read(result, from: a.base, start: start, count: count)
      } else {
        step.opcode.run(
          result, a.source(start, registers), b.source(start, registers),
          c.source(start, registers), count: count)
      }
    }
  }
}

extension BoundTape.Operand {
  @inline(__always)
  fileprivate func address(_ start: Int, _ registers: Int) -> Elements {
    switch kind {
    case .stream: base + start
    case .scalar: base
    case .register: base + registers
    }
  }

  @inline(__always)
  fileprivate func source(_ start: Int, _ registers: Int) -> TapeSource {
    TapeSource(address: address(start, registers), isScalar: kind == .scalar)
  }
}

extension TapeOpcode {
  /// Rough cost of an element relative to an addition.
  fileprivate var weight: Int {
    switch self {
    case .unary(.exp), .unary(.log), .unary(.log1p), .unary(.tanh), .unary(.logistic), .unary(.erf):
      12
    case .unary(.sqrt), .binary(.divide): 4
    case .unary, .binary, .compare, .select, .copy: 1
    }
  }
}

/// The literal numbers of a tape, at addresses that stay.
final class ConstantStorage: @unchecked Sendable {
  private let values: [Float]
  private let base: Elements

  /// Collects the constants of a region.
  init(_ instructions: [ElementwiseStep.Instruction]) {
    var values: [Float] = []
    for instruction in instructions {
      for case .constant(let value) in instruction.sources
      where !values.contains(where: { $0.bitPattern == value.bitPattern }) {
        values.append(value)
      }
    }
    self.values = values
    base = .allocate(capacity: max(1, values.count))
    base.initialize(from: values, count: values.count)
  }

  deinit { base.deallocate() }

  /// Where a constant lies.
  func address(of value: Float) -> Elements {
    base + values.firstIndex { $0.bitPattern == value.bitPattern }!
  }
}
