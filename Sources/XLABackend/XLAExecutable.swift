import Diagnostics
import Execution
import StableHLO
import TensorGraph

/// A compiled graph with its tensors on the device.
///
/// Persistent inputs stay there: an execution replaces them in their own memory, and they are copied to the host only
/// when they are read. Inputs are copied to the device when they have been filled.
final class XLAExecutable: Executable {
  let graph: Graph
  /// So that the next execution is ready when one ends, also where each is shorter than waking the host.
  let mostStarted = 4
  let sharedInputs: Set<String>
  private let module: StableHLOProgram
  private let program: PJRTExecutable
  /// In the order of the arguments.
  private let inputs: [(name: String, tensor: MirroredTensor)]
  /// In the order of the results.
  private let outputs: [(name: String, tensor: MirroredTensor)]
  private let inputIndex: [String: Int]
  private let outputIndex: [String: Int]
  /// Why a tensor could not be read; the next execution throws it.
  private var fault: Failure?

  /// How many devices share an execution.
  private let devices: Int
  /// The ends on every device of executions that were started, the first one first.
  private var running: [[PJRTEvent]] = []

  /// Compiles a graph; throws ``Failure`` (`device.xla`).
  ///
  /// - Parameters:
  ///   - precision: that of products and convolutions.
  ///   - division: how devices share an execution; nil for the first device alone.
  init(
    _ graph: Graph, on client: PJRTClient, precision: StableHLOProgram.Precision,
    division: BatchDivision?, lender: XLAExecutable?
  ) throws(Failure) {
    let simplified = graph.simplified()
    if let fault = simplified.verify().first {
      preconditionFailure("graph '\(graph.name)' does not verify: \(fault)")
    }
    self.graph = graph
    let devices = division?.devices ?? 1
    self.devices = devices
    let shared = lender?.lends(to: simplified, devices) ?? [:]
    sharedInputs = Set(shared.keys)
    module = StableHLOProgram(
      simplified, donating: StableHLOProgram.persistentInputs(of: simplified),
      precision: precision, sharding: division?.sharding)
    program = try client.compile(module, of: simplified, devices: devices)
    inputs = simplified.inputs.map { input in
      let shape = simplified[input.value].type.shape
      let isDivided = division?.inputs.contains(input.name) == true
      let placement = isDivided ? Placement.divided(devices: devices) : .whole(devices: devices)
      return (input.name, shared[input.name] ?? MirroredTensor(shape, placement, on: client))
    }
    outputs = simplified.outputs.map { output in
      let shape = simplified[output.value].type.shape
      return (output.name, MirroredTensor(shape, .whole(devices: devices), on: client))
    }
    inputIndex = Self.positions(inputs.map(\.name))
    outputIndex = Self.positions(outputs.map(\.name))
    precondition(program.outputs == outputs.count, "XLA returns another number of results")
  }

  /// The StableHLO text.
  var plan: String { module.text }

  private static func positions(_ names: [String]) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) })
  }

  /// The inputs that can stand for those of another graph: of the same name and shape, not replaced by it, and whole
  /// on each of its devices.
  private func lends(to other: Graph, _ devices: Int) -> [String: MirroredTensor] {
    let replaced = Set(other.outputs.map(\.name))
    let lent = other.inputs.compactMap { input -> (String, MirroredTensor)? in
      guard !replaced.contains(input.name), let index = inputIndex[input.name] else { return nil }
      let tensor = inputs[index].tensor
      guard case .whole(let copies) = tensor.placement, copies >= devices else { return nil }
      return tensor.shape == other[input.value].type.shape ? (input.name, tensor) : nil
    }
    return Dictionary(uniqueKeysWithValues: lent)
  }

  /// Starts as ``start()`` does and waits for the end.
  func execute() throws {
    try start()
    while !running.isEmpty { try endFirst() }
  }

  /// Copies what has been filled to the devices and executes there, after the executions before.
  func start() throws {
    if let fault { throw fault }
    while running.count >= mostStarted { try endFirst() }
    let tensors = try inputs.map { try $0.tensor.onDevices() }
    let (results, ends) = try program.execute(
      (0..<devices).map { device in tensors.map { $0[device] } })
    for (index, output) in outputs.enumerated() {
      let parts = results.map { $0[index] }
      output.tensor.take(parts)
      if let index = inputIndex[output.name] { inputs[index].tensor.take(parts) }
    }
    running.append(ends)
  }

  /// Waits for the first execution that was started.
  private func endFirst() throws(Failure) {
    for end in running.removeFirst() {
      do throws(Failure) {
        try end.await("execute the graph '\(graph.name)'")
      } catch {
        throw error.naming(graph, in: module)
      }
    }
  }

  /// Starts to copy the scalars from the first device.
  func pendingScalars(_ names: [String]) throws -> () throws -> [Double] {
    let pending = try names.map { try outputs[outputPosition($0)].tensor.pendingScalar() }
    return { try pending.map { try $0.value() } }
  }

  func withInput(_ name: String, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) {
    let tensor = input(name)
    fill(elements(of: tensor))
    tensor.hostChanged()
  }

  func withCurrentInput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    read(UnsafeBufferPointer(elements(of: input(name))))
  }

  func withOutput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    read(UnsafeBufferPointer(elements(of: outputs[outputPosition(name)].tensor)))
  }

  private func outputPosition(_ name: String) -> Int {
    guard let index = outputIndex[name] else {
      preconditionFailure("graph '\(graph.name)' has no output '\(name)'")
    }
    return index
  }

  private func input(_ name: String) -> MirroredTensor {
    guard let index = inputIndex[name] else {
      preconditionFailure("graph '\(graph.name)' has no input '\(name)'")
    }
    return inputs[index].tensor
  }

  /// The elements on the host; NaN where the device fails.
  private func elements(of tensor: MirroredTensor) -> UnsafeMutableBufferPointer<Float> {
    do throws(Failure) {
      return try tensor.onHost()
    } catch {
      fault = error
      return tensor.unknownOnHost()
    }
  }
}
