import CMatrixKernels

/// Where the intermediates of a tape lie in a thread's working memory, and how its elements are divided.
struct TapeLayout {
  /// Elements of a chunk: its streams and registers stay in the first-level cache.
  let chunk: Int
  /// Elements of a run, in which repeated operands and sums keep their numbers.
  let run: Int
  /// Register of each instruction's result; nil if it is written directly to its output.
  let ofInstruction: [Int?]
  /// Register of each load that is gathered first.
  let ofLoad: [Int?]
  /// The runs of each load that repeats a few numbers.
  let repeated: [RepeatedRuns?]
  /// The runs of each sum.
  let sums: [RepeatedRuns]
  private let registerCount: Int

  /// Numbers for a repeated operand or a sum: at least a vector's.
  static let vector = 16

  /// Lays out the working memory of a step.
  init(_ step: ElementwiseStep) {
    let (instructions, loads) = (step.instructions, step.loads)
    let width = lmtc_vector_width()
    sums = step.sums.compactMap { RepeatedRuns($0.view, width: width) }
    (run, repeated) = Self.runs(of: loads, sums, count: step.count, width: width)
    let registers = TapeRegisters(
      instructions: instructions,
      isGathered: zip(loads, repeated).map { load, runs in
        if case .strided = load.access { runs == nil } else { false }
      })
    (ofInstruction, ofLoad) = (registers.ofInstruction, registers.ofLoad)
    registerCount = registers.count
    let streams = loads.count + instructions.count { $0.output != nil }
    chunk = min(1024, max(128, 12288 / max(1, streams + registers.count) / 64 * 64))
  }

  /// Runs that divide all sums' runs, and the repeated loads that fit them.
  private static func runs(
    of loads: [ElementwiseStep.Load], _ sums: [RepeatedRuns], count: Int, width: Int
  ) -> (Int, [RepeatedRuns?]) {
    let candidates = loads.map { load -> RepeatedRuns? in
      guard case .strided(let view) = load.access else { return nil }
      return RepeatedRuns(view, width: width)
    }
    var run = sums.map(\.length).min() ?? count
    for candidate in candidates {
      if let length = candidate?.length, run % length == 0 { run = length }
    }
    return (run, candidates.map { $0.flatMap { $0.length % run == 0 ? $0 : nil } })
  }

  /// The place of a register.
  func place(ofRegister register: Int) -> Int { register * chunk }
  /// The place of a repeated load's numbers.
  func place(ofRepeated load: Int) -> Int {
    registerCount * chunk + repeated[..<load].count { $0 != nil } * Self.vector
  }
  /// The place of a sum's numbers.
  func place(ofSum sum: Int) -> Int { place(ofRepeated: repeated.count) + sum * Self.vector }
  /// Elements of a thread's working memory.
  var count: Int { place(ofSum: sums.count) }
}

/// Which register of a chunk's working memory holds each intermediate.
private struct TapeRegisters {
  /// Register of each instruction's result; nil if it is written directly to its output.
  private(set) var ofInstruction: [Int?]
  /// Register of each load that is gathered before the first instruction.
  private(set) var ofLoad: [Int?]
  /// How many registers there are.
  private(set) var count = 0

  /// Assigns registers, each reused after its last use.
  init(instructions: [ElementwiseStep.Instruction], isGathered: [Bool]) {
    ofInstruction = Array(repeating: nil, count: instructions.count)
    ofLoad = Array(repeating: nil, count: isGathered.count)
    var free: [Int] = []
    for load in isGathered.indices where isGathered[load] { ofLoad[load] = take(&free) }
    var lastUse: [ElementwiseStep.Source: Int] = [:]
    for (i, instruction) in instructions.enumerated() {
      for source in instruction.sources { lastUse[source] = i }
    }
    for (i, instruction) in instructions.enumerated() {
      let dying = Set(instruction.sources).filter { lastUse[$0] == i }.compactMap(register)
      // An elementwise kernel may write over its own operand.
      free += dying.sorted(by: >)
      guard instruction.output == nil else { continue }
      let own = take(&free)
      ofInstruction[i] = own
      if lastUse[.instruction(i)] == nil { free.append(own) }
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
  private let layout: TapeLayout
  private let tape: [lmtc_instruction]
  private let gathered: [(view: StridedSource, from: Elements, place: Int)]
  private let repeated: [(runs: RepeatedRuns, from: Elements, place: Int)]
  private let constants: ConstantStorage

  /// Resolves operands to addresses.
  init(_ step: ElementwiseStep, _ layout: TapeLayout, _ memory: BoundMemory) {
    self.layout = layout
    let constants = ConstantStorage(step.instructions)
    self.constants = constants
    let places = TapePlaces(step: step, layout: layout, memory: memory, constants: constants)
    tape = places.tape
    var gathered: [(view: StridedSource, from: Elements, place: Int)] = []
    var repeated: [(runs: RepeatedRuns, from: Elements, place: Int)] = []
    for (i, load) in step.loads.enumerated() {
      let from = memory.address(load.buffer)
      if let runs = layout.repeated[i] {
        repeated.append((runs, from, layout.place(ofRepeated: i)))
      } else if case .strided(let view) = load.access, let register = layout.ofLoad[i] {
        gathered.append((view, from, layout.place(ofRegister: register)))
      }
    }
    (self.gathered, self.repeated) = (gathered, repeated)
  }

  /// Writes the numbers of the repeated operands for the run that begins at an element.
  func prepare(_ locals: Elements, start: Int) {
    for (runs, from, place) in repeated {
      let source = from + runs.place(ofElement: start)
      for lane in 0..<TapeLayout.vector { locals[place &+ lane] = source[lane % runs.period] }
    }
  }

  /// Runs the tape over one chunk.
  func run(_ locals: Elements, start: Int, count: Int) {
    for (view, from, place) in gathered {
      view.read(locals + place, from: from, start: start, count: count)
    }
    lmtc_run_tape(tape, tape.count, locals, start, count)
  }
}

/// Translates a region's instructions for the kernel.
private struct TapePlaces {
  let step: ElementwiseStep
  let layout: TapeLayout
  let memory: BoundMemory
  let constants: ConstantStorage

  var tape: [lmtc_instruction] {
    step.instructions.enumerated().flatMap { index, instruction in
      let operands = instruction.sources.map(place)
      let result = place(.instruction(index))
      let own = lmtc_instruction(
        operation: instruction.opcode.operation, result: result,
        operands: (operands[0], operands.dropFirst().first ?? operands[0], operands.last!))
      let sums = step.sums.enumerated().filter { $0.1.instruction == index }.map { sum, _ in
        lmtc_instruction(
          operation: LMTC_SUM, result: local(layout.place(ofSum: sum)),
          operands: (result, result, result))
      }
      return [own] + sums
    }
  }

  private func place(_ source: ElementwiseStep.Source) -> lmtc_place {
    switch source {
    case .constant(let value): number(constants.address(of: value))
    case .instruction(let i):
      if let output = step.instructions[i].output {
        stream(output)
      } else {
        local(layout.place(ofRegister: layout.ofInstruction[i]!))
      }
    case .load(let load): place(ofLoad: load)
    }
  }

  private func place(ofLoad load: Int) -> lmtc_place {
    switch step.loads[load].access {
    case .direct: stream(step.loads[load].buffer)
    case .scalar(let offset): number(memory.address(step.loads[load].buffer) + offset)
    case .strided:
      if let register = layout.ofLoad[load] {
        local(layout.place(ofRegister: register))
      } else {
        lmtc_place(kind: LMTC_REPEATED, base: nil, offset: layout.place(ofRepeated: load))
      }
    }
  }

  private func stream(_ buffer: BufferID) -> lmtc_place {
    lmtc_place(kind: LMTC_STREAM, base: memory.address(buffer), offset: 0)
  }
  private func local(_ offset: Int) -> lmtc_place {
    lmtc_place(kind: LMTC_LOCAL, base: nil, offset: offset)
  }
  private func number(_ address: Elements) -> lmtc_place {
    lmtc_place(kind: LMTC_NUMBER, base: address, offset: 0)
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
