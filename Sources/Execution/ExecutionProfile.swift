/// What one step of a compiled graph computes and moves, by its geometry.
public struct StepWork: Sendable, Equatable {
  /// Floating-point operations: each addition, multiplication, comparison and function counts as one.
  ///
  /// Terms of a convolution that read its padding count like others, and Winograd's algorithm like the
  /// direct one.
  public let operations: Int
  /// Bytes of operands, each element counted once.
  public let bytesRead: Int
  /// Bytes of results.
  public let bytesWritten: Int

  /// The work of a step.
  public init(operations: Int, bytesRead: Int, bytesWritten: Int) {
    self.operations = operations
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
  }

  /// The work of two steps.
  public static func + (a: StepWork, b: StepWork) -> StepWork {
    StepWork(
      operations: a.operations + b.operations, bytesRead: a.bytesRead + b.bytesRead,
      bytesWritten: a.bytesWritten + b.bytesWritten)
  }

  /// No work.
  public static let none = StepWork(operations: 0, bytesRead: 0, bytesWritten: 0)
}

/// How long the steps of a compiled graph took, over all profiled executions.
public struct ExecutionProfile: Sendable {
  /// A step of the engine's plan.
  public struct Step: Sendable {
    /// The kind of operation, such as `dot`.
    public let kind: String
    /// What the step computes, with shapes.
    public let summary: String
    /// The work of one execution; nil if the engine does not state it.
    public let work: StepWork?
    /// Seconds in all executions together.
    public fileprivate(set) var seconds = 0.0

    /// A step that has not been executed.
    public init(kind: String, summary: String, work: StepWork?) {
      self.kind = kind
      self.summary = summary
      self.work = work
    }
  }

  /// The steps in order of execution, empty before the first one, and after them what was done beside the plan.
  public var steps: [Step] { planned + others }
  private var planned: [Step] = []
  private var others: [Step] = []
  /// How many executions were timed.
  public private(set) var executions = 0

  /// A profile without executions.
  public init() {}

  /// Seconds of all steps in all executions.
  public var seconds: Double { steps.reduce(0) { $0 + $1.seconds } }

  /// Times one execution; all executions of a profile have the same steps.
  ///
  /// - Parameters:
  ///   - plan: the steps; asked for at the first execution.
  ///   - run: performs the step with an index.
  public mutating func record(plan: () -> [Step], run: (Int) throws -> Void) rethrows {
    if executions == 0 { planned = plan() }
    executions += 1
    for index in planned.indices { try Self.time(&planned[index]) { try run(index) } }
  }

  /// Times work that some executions entail, by its summary.
  public mutating func record(kind: String, _ summary: String, run: () throws -> Void) rethrows {
    let index = others.firstIndex { $0.summary == summary } ?? others.count
    if index == others.count { others.append(Step(kind: kind, summary: summary, work: nil)) }
    try Self.time(&others[index], run)
  }

  private static func time(_ step: inout Step, _ run: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    let start = clock.now
    try run()
    step.seconds += (clock.now - start) / .seconds(1)
  }
}
