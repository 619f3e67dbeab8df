import Execution
import TensorGraph
import Testing

@testable import CPUBackend

/// What plans and profiles say of the steps, against counts by hand.
struct ProfileTests {
  private func profile(_ graph: Graph, executions: Int = 1) throws -> ExecutionProfile {
    let executable = try CPUBackend(threads: 2).compile(graph)
    var profile = ExecutionProfile()
    for _ in 0..<executions { try executable.execute(timing: &profile) }
    return profile
  }

  private func only(_ builder: GraphBuilder) throws -> ExecutionProfile.Step {
    let steps = try profile(builder.graph).steps
    #expect(steps.count == 1)
    return try #require(steps.first)
  }

  @Test func aProduct() throws {
    let builder = GraphBuilder("product")
    let (x, w) = (builder.input("x", [8, 5]), builder.input("w", [3, 5]))
    builder.output("y", x.dot(w, transposeRight: true))
    let step = try only(builder)
    #expect(step.kind == "dot")
    // 24 results of 5 products and 5 additions each.
    #expect(
      step.work
        == StepWork(operations: 240, bytesRead: (40 + 15) * 4, bytesWritten: 24 * 4))
  }

  /// A chain that reads a row for all rows and a number for all elements.
  @Test func aFusedRegion() throws {
    let builder = GraphBuilder("chain")
    let (x, row) = (builder.input("x", [6, 10]), builder.input("row", [10]))
    let scale = builder.input("scale", [])
    let sum = x + row.broadcast(to: [6, 10], axes: [1])
    builder.output("y", max(sum * scale.broadcast(to: [6, 10], axes: []), 0))
    let step = try only(builder)
    #expect(step.kind == "elementwise")
    #expect(
      step.work
        == StepWork(operations: 180, bytesRead: (60 + 10 + 1) * 4, bytesWritten: 60 * 4))
  }

  @Test func aReduction() throws {
    let builder = GraphBuilder("sum")
    builder.output("y", builder.input("x", [6, 10]).sum(axes: [0]))
    let step = try only(builder)
    #expect(step.kind == "reduce sum")
    #expect(step.work == StepWork(operations: 60, bytesRead: 240, bytesWritten: 40))
  }

  /// One image by unfolding, and a batch by oneDNN.
  @Test(arguments: [1, 8])
  func aConvolution(batch: Int) throws {
    let builder = GraphBuilder("convolution")
    let window = ConvolutionWindow(
      kernel: [3, 3], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [1, 1])
    let (x, w) = (builder.input("x", [batch, 8, 9, 9]), builder.input("w", [16, 8, 3, 3]))
    builder.output("y", x.convolved(with: w, window))
    let steps = try profile(builder.graph).steps
    let step = try #require(steps.first { $0.kind == "convolution forward" })
    // 16 filters at 5×5 places, each with 8·3·3 products and as many additions.
    #expect(
      step.work
        == StepWork(
          operations: batch * 16 * 25 * 144, bytesRead: (batch * 8 * 81 + 16 * 72) * 4,
          bytesWritten: batch * 16 * 25 * 4))
    #expect(steps.allSatisfy { $0.kind == "copy" || $0.kind == step.kind })
  }

  /// The three products of a convolution have the same operations; one also sums the bias's gradient.
  @Test func theGradientsOfAConvolution() throws {
    let builder = GraphBuilder("gradients")
    let x = builder.input("x", [4, 8, 6, 6])
    let (w, b) = (builder.input("w", [8, 8, 3, 3]), builder.input("b", [8]))
    let window = ConvolutionWindow(
      kernel: [3, 3], strides: [1, 1], paddingLow: [1, 1], paddingHigh: [1, 1])
    let y = x.convolved(with: w, window)
    let loss = tanh(y + b.broadcast(like: y, axes: [1])).sum()
    for (i, gradient) in loss.gradients(withRespectTo: [x, w, b]).enumerated() {
      builder.output("d\(i)", gradient)
    }
    let found = try profile(builder.graph).steps
    func operations(_ kind: String) -> Int? { found.first { $0.kind == kind }?.work?.operations }
    let product = 4 * 8 * 36 * 144
    #expect(operations("convolution forward") == product)
    #expect(operations("convolution inputGradient") == product)
    let sum = operations("reduce sum") == nil ? 4 * 8 * 36 : 0
    #expect(operations("convolution filterGradient") == product + sum)
  }

  @Test func pooling() throws {
    let builder = GraphBuilder("pool")
    let window = PoolWindow(
      kernel: [2, 2], strides: [2, 2], paddingLow: [0, 0], paddingHigh: [0, 0])
    let x = builder.input("x", [2, 3, 4, 4])
    builder.output("y", builder.apply(.sumPool(window), [x], as: TensorType([2, 3, 2, 2])))
    let step = try only(builder)
    #expect(step.kind == "pool sum")
    #expect(step.work == StepWork(operations: 96, bytesRead: 96 * 4, bytesWritten: 24 * 4))
  }

  /// A state that is read after its next value is known is copied in the end.
  private var counterGraph: Graph {
    let builder = GraphBuilder("counter")
    let state = builder.input("state", [5], isPersistent: true)
    let next = state + 1
    builder.output("state", next)
    builder.output("product", next * state)
    return builder.graph
  }

  @Test func profiledExecutionsComputeTheSame() throws {
    let graph = counterGraph
    let (plain, timed) = (
      try CPUBackend(threads: 1).compile(graph), try CPUBackend(threads: 1).compile(graph)
    )
    var profile = ExecutionProfile()
    for _ in 0..<3 {
      try plain.execute()
      try timed.execute(timing: &profile)
    }
    #expect(plain.current("state") == timed.current("state"))
    #expect(plain.read("product") == timed.read("product"))
    #expect(profile.executions == 3)
    #expect(profile.steps.allSatisfy { $0.seconds >= 0 })
  }

  @Test func anEngineWithoutStepsTimesTheWhole() throws {
    let executable = ReferenceBackend().compile(counterGraph)
    var profile = ExecutionProfile()
    for _ in 0..<2 { try executable.execute(timing: &profile) }
    #expect(profile.steps.map(\.kind) == ["graph"] && profile.executions == 2)
    #expect(profile.steps[0].work == nil)
    #expect(executable.read("product").elements == [2, 2, 2, 2, 2])
  }

  @Test func aPlanListsStepsAndBuffers() throws {
    let builder = GraphBuilder("plan")
    let (x, w) = (builder.input("x", [8, 5]), builder.input("w", [3, 5]))
    builder.output("y", max(x.dot(w, transposeRight: true), 0))
    let plan = try CPUBackend(threads: 1).compile(builder.graph).plan
    #expect(
      plan == """
        plan: 2 steps, arena of 384 bytes, 264 FLOP, reads 316 bytes, writes 192 bytes
        0: dot [8, 5] · [5, 3]ᵀ | b0 b1 → b3 | 240 FLOP, reads 220 bytes, writes 96 bytes
        1: elementwise 24: maximum | b3 → b3 | 24 FLOP, reads 96 bytes, writes 96 bytes
        buffers:
        b0: bytes 0..<160, input, ab
        b1: bytes 192..<252, input, ab
        b3: bytes 256..<352, computed, ab

        """)
  }
}
