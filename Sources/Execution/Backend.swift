import TensorGraph

/// An execution engine: compiles a graph once, then only executes it.
public protocol Backend: Sendable {
  /// The name on the command line, `cpu`.
  var name: String { get }
  /// Whether products of bfloat16 numbers are faster than those of float32 numbers.
  var hasFastBFloat16: Bool { get }
  /// Whether products of float32 numbers are faster where their operands may be rounded to TF32.
  var hasTF32: Bool { get }
  /// Whether results of evaluation have the rounding errors that [soundness](docs/soundness.md) bounds; only then
  /// certificates can be about them. No unless an engine says otherwise.
  var hasAnalyzedRounding: Bool { get }
  /// Plans buffers and kernels for a graph that verifies.
  ///
  /// Throws ``Failure`` (`device.…`) if the engine cannot run it.
  func compile(_ graph: Graph) throws -> any Executable
  /// The same with the algorithms that a purpose allows; those of evaluation unless an engine says otherwise.
  func compile(_ graph: Graph, for purpose: ExecutionPurpose) throws -> any Executable
  /// The same with inputs that are those of another executable of this engine, as ``Executable/sharedInputs``
  /// says: where both graphs have one of the same name and type and this one does not replace it. None are
  /// unless an engine says otherwise.
  func compile(
    _ graph: Graph, for purpose: ExecutionPurpose, sharing other: any Executable
  ) throws -> any Executable
}

extension Backend {
  /// No, unless an engine says otherwise.
  public var hasFastBFloat16: Bool { false }

  /// No, unless an engine says otherwise.
  public var hasTF32: Bool { false }

  /// No, unless an engine says otherwise.
  public var hasAnalyzedRounding: Bool { false }

  /// Compiles as for evaluation.
  public func compile(_ graph: Graph, for purpose: ExecutionPurpose) throws -> any Executable {
    try compile(graph)
  }

  /// Compiles without sharing.
  public func compile(
    _ graph: Graph, for purpose: ExecutionPurpose, sharing other: any Executable
  ) throws -> any Executable {
    try compile(graph, for: purpose)
  }
}

/// What a graph is compiled for.
public enum ExecutionPurpose: Sendable {
  /// Evaluation, attacks and certification: products are sums of the products of their definition, whose rounding
  /// [soundness](docs/soundness.md) bounds.
  case evaluation
  /// Training steps, on which no guarantee depends: transforms such as Winograd's may replace sums of products.
  case training
  /// The same, where operands of products may be rounded to the 11 significant bits of TF32 besides.
  case trainingWithTF32

  /// Whether it is training.
  public var isTraining: Bool { self != .evaluation }
}

/// A compiled graph with its own buffers.
///
/// Not safe for concurrent use.
/// Names are those of ``Graph/inputs`` and ``Graph/outputs``; a wrong name or count is a bug of the
/// caller and traps.
public protocol Executable: AnyObject {
  /// The graph it was compiled from.
  var graph: Graph { get }
  /// The steps with kernels, shapes, buffers and work: what `compile --emit plan` prints.
  var plan: String { get }
  /// The inputs whose memory is another executable's: what fills them there fills them here.
  var sharedInputs: Set<String> { get }
  /// Fills an input in place, row-major; persistent inputs keep the value over executions.
  func withInput(_ name: String, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void)
  /// How many executions ``start()`` starts before the first has to end; 1 where it waits for the end.
  var mostStarted: Int { get }
  /// Computes every output, then moves those that update persistent inputs.
  func execute() throws
  /// Starts what ``execute()`` does. Whatever reads a result waits for it.
  ///
  /// A fault may be thrown later: by a following execution, or by what ``pendingScalars(_:)`` returns.
  func start() throws
  /// Computes as ``execute()`` does and adds the time of each step.
  ///
  /// Costs two readings of the clock for each step. An engine that does not implement it times an
  /// execution as one step.
  func execute(timing profile: inout ExecutionProfile) throws
  /// Reads an output, row-major, as of the last execution.
  func withOutput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result
  /// The values of scalar outputs that replace no input, as of the last execution, whenever they are asked for.
  ///
  /// The returned function waits for that execution only, so that another may be started before it is called. It
  /// throws ``Failure`` where the engine could not compute them.
  func pendingScalars(_ names: [String]) throws -> () throws -> [Double]
  /// Reads the current value of an input.
  func withCurrentInput<Result>(
    _ name: String, _ read: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result
}

extension Executable {
  /// Inputs are an executable's own unless an engine lends them.
  public var sharedInputs: Set<String> { [] }

  /// One, unless an engine says otherwise.
  public var mostStarted: Int { 1 }

  /// Executes at once.
  public func start() throws { try execute() }

  /// Reads the scalars at once.
  public func pendingScalars(_ names: [String]) -> () throws -> [Double] {
    let values = names.map { withOutput($0) { Double($0[0]) } }
    return { values }
  }

  /// Times the execution as one step.
  public func execute(timing profile: inout ExecutionProfile) throws {
    try profile.record(plan: {
      [.init(kind: "graph", summary: graph.name, work: nil)]
    }) { _ in try execute() }
  }

  /// Copies a tensor into an input.
  public func write(_ name: String, _ tensor: HostTensor) {
    withInput(name) { buffer in
      precondition(buffer.count == tensor.elements.count, "input '\(name)' has another size")
      _ = buffer.update(from: tensor.elements)
    }
  }
  /// Copies an output.
  public func read(_ name: String) -> HostTensor {
    let output = graph.outputs.first { $0.name == name }!
    return withOutput(name) { HostTensor(graph[output.value].type.shape, Array($0)) }
  }
  /// Copies a persistent input's current value.
  public func current(_ name: String) -> HostTensor {
    let input = graph.inputs.first { $0.name == name }!
    return withCurrentInput(name) { HostTensor(graph[input.value].type.shape, Array($0)) }
  }
}
