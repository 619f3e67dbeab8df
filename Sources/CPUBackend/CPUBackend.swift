import Diagnostics
import Execution
import TensorGraph

/// The embedded engine: its own fused loops, matrix products and convolutions by oneDNN.
///
/// Numbers are IEEE float32 throughout, subnormals included. Results are bitwise equal over
/// executions on one machine at a fixed thread count.
public struct CPUBackend: Backend {
  /// How many threads execute a graph.
  public let threads: Int

  /// An engine on a number of threads, at least 1.
  public init(threads: Int) {
    self.threads = max(1, threads)
  }

  /// The library behind products and convolutions with its version, and the instruction set that it compiles for.
  public static var library: (name: String, version: String, instructionSet: String) {
    OneDNN.description
  }

  /// The name on the command line.
  public var name: String { "cpu" }

  /// Yes: [soundness](docs/soundness.md) names its kernels.
  public var hasAnalyzedRounding: Bool { true }

  /// Whether the processor has instructions for products of bfloat16 numbers and oneDNN uses them.
  public var hasFastBFloat16: Bool { OneDNN.hasFastBFloat16 }

  /// Plans a graph for evaluation.
  public func compile(_ graph: Graph) throws -> any Executable {
    try compile(graph, for: .evaluation)
  }

  /// Simplifies the graph, plans buffers and kernels; a graph that does not verify is a bug.
  public func compile(_ graph: Graph, for purpose: ExecutionPurpose) throws -> any Executable {
    compile(graph, for: purpose, with: nil)
  }

  /// The same with the inputs of another executable of this engine.
  public func compile(
    _ graph: Graph, for purpose: ExecutionPurpose, sharing other: any Executable
  ) throws -> any Executable {
    compile(graph, for: purpose, with: other as? CPUExecutable)
  }

  private func compile(
    _ graph: Graph, for purpose: ExecutionPurpose, with lender: CPUExecutable?
  ) -> any Executable {
    ParkedThreads.start(beside: threads)
    let simplified = graph.simplified().withMasksOfRectified()
    if let fault = simplified.verify().first {
      preconditionFailure("graph '\(graph.name)' does not verify: \(fault)")
    }
    return CPUExecutable(
      graph, simplified: simplified, purpose, threads: threads, lender: lender)
  }
}

/// A planned graph with its memory.
private final class CPUExecutable: Executable {
  let graph: Graph
  let plan: String
  private let team: ThreadTeam
  private let steps: [any Step]
  private let arena: Elements
  private let copies: [(from: Elements, to: Elements, count: Int)]
  private var inputs: [String: UnsafeMutableBufferPointer<Float>] = [:]
  private var outputs: [String: UnsafeBufferPointer<Float>] = [:]
  /// Keeps the memory of the shared inputs.
  private let lender: CPUExecutable?
  let sharedInputs: Set<String>

  /// Plans a simplified graph; `graph` is what the caller compiled.
  init(
    _ graph: Graph, simplified: Graph, _ purpose: ExecutionPurpose, threads: Int,
    lender: CPUExecutable?
  ) {
    self.graph = graph
    self.lender = lender
    let sharedInputs = lender?.lends(to: simplified) ?? []
    self.sharedInputs = sharedInputs
    team = ThreadTeam(threads: threads)
    // oneDNN divides its work by the number of threads at planning time.
    team.enter()
    var planner = Planner(simplified, for: purpose, borrowing: sharedInputs)
    let inputBuffers = simplified.inputs.map { planner.plainBuffer($0.value) }
    let outputBuffers = simplified.outputs.map { planner.outputBuffer($0.value) }
    var updates: [(from: BufferID, to: BufferID)] = []
    for (input, buffer) in zip(simplified.inputs, inputBuffers) where input.isPersistent {
      guard let index = simplified.outputs.firstIndex(where: { $0.name == input.name }) else {
        continue
      }
      updates.append((outputBuffers[index], buffer))
    }
    steps = planner.steps
    let memory = MemoryPlan(
      steps: steps, buffers: planner.buffers, outputs: Set(outputBuffers), updates: updates,
      threads: threads)
    let arena = Self.allocate(memory.count)
    self.arena = arena
    var borrowed: [BufferID: Elements] = [:]
    for (input, buffer) in zip(simplified.inputs, inputBuffers)
    where sharedInputs.contains(input.name) {
      borrowed[buffer] = lender?.inputs[input.name]?.baseAddress
    }
    let address: (BufferID) -> Elements = { [borrowed] in
      borrowed[$0] ?? arena + (memory.offsets[$0] ?? 0)
    }
    for (index, buffer) in planner.buffers.enumerated() {
      guard case .constant(let elements) = buffer.kind else { continue }
      Self.fill(address(index), elements, buffer.count)
    }
    let bound = BoundMemory(address: address, scratch: arena + memory.scratchOffset)
    for step in steps { step.bind(bound) }
    copies = memory.copies.filter { memory.offsets[$0.from] != memory.offsets[$0.to] }.map {
      (address($0.from), address($0.to), planner.buffers[$0.to].count)
    }
    plan =
      PlanText(
        steps: steps, memory: memory, buffers: planner.buffers,
        copied: copies.reduce(0) { $0 + $1.count }
      ).text
    for (input, buffer) in zip(simplified.inputs, inputBuffers) {
      inputs[input.name] = UnsafeMutableBufferPointer(
        start: address(buffer), count: planner.buffers[buffer].count)
    }
    for (output, buffer) in zip(simplified.outputs, outputBuffers) {
      outputs[output.name] = UnsafeBufferPointer(
        start: address(buffer), count: simplified[output.value].type.count)
    }
  }

  deinit { arena.deallocate() }

  /// The inputs of another graph that this executable's can stand for.
  private func lends(to other: Graph) -> Set<String> {
    let names = other.inputs.map(\.name).filter { name in
      let types = [graph, other].map { graph in
        graph.inputs.first { $0.name == name }.map { graph[$0.value].type }
      }
      return types[0] == types[1] && !other.outputs.contains { $0.name == name }
    }
    return Set(names)
  }

  func execute() throws {
    team.enter()
    for step in steps { step.run(team) }
    updatePersistentInputs()
  }

  func execute(timing profile: inout ExecutionProfile) throws {
    team.enter()
    profile.record(plan: { profiledSteps }) { index in
      if index < steps.count { steps[index].run(team) } else { updatePersistentInputs() }
    }
  }

  /// The steps, and the copies after them, if there are any.
  private var profiledSteps: [ExecutionProfile.Step] {
    let count = copies.reduce(0) { $0 + $1.count }
    let last = ExecutionProfile.Step(
      kind: "copy", summary: "copy \(count) into persistent inputs",
      work: StepWork(operations: 0, elementsRead: count, elementsWritten: count))
    return steps.map { .init(kind: $0.kind, summary: $0.summary, work: $0.work) }
      + (copies.isEmpty ? [] : [last])
  }

  private func updatePersistentInputs() {
    for copy in copies { copy.to.update(from: copy.from, count: copy.count) }
  }

  func withInput(_ name: String, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    fill(input(name))
  }

  func withCurrentInput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    read(UnsafeBufferPointer(input(name)))
  }

  func withOutput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    guard let output = outputs[name] else {
      preconditionFailure("graph '\(graph.name)' has no output '\(name)'")
    }
    return read(output)
  }

  private func input(_ name: String) -> UnsafeMutableBufferPointer<Float> {
    guard let input = inputs[name] else {
      preconditionFailure("graph '\(graph.name)' has no input '\(name)'")
    }
    return input
  }

  private static func allocate(_ count: Int) -> Elements {
    let bytes = max(1, count) * MemoryLayout<Float>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    let arena = raw.bindMemory(to: Float.self, capacity: max(1, count))
    arena.initialize(repeating: 0, count: max(1, count))
    return arena
  }

  private static func fill(_ address: Elements, _ elements: [Float], _ count: Int) {
    if elements.count == 1 {
      address.update(repeating: elements[0], count: count)
    } else {
      address.update(from: elements, count: elements.count)
    }
  }
}
