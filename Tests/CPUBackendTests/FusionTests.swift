import GraphTestSupport
import TensorGraph
import Testing

@testable import CPUBackend

struct FusionTests {
  /// Random programs of elementwise operations, broadcasts, views and folds over one 4-d shape.
  @Test(arguments: UInt64(0)..<24)
  func randomProgramsAgreeWithTheReference(_ seed: UInt64) throws {
    let shape = seed.isMultiple(of: 2) ? [2, 3, 5, 7] : [5, 8, 4, 29]
    var program = RandomProgram(seed: seed, shape: shape)
    let graph = program.build(length: 40)
    var inputs: [String: [Double]] = [:]
    for input in graph.inputs {
      inputs[input.name] = samples(graph[input.value].type.count, input.name, seed: seed)
    }
    for threads in [1, 2] {
      try expectConformance(
        graph, inputs, threads: threads,
        tolerance: Tolerance(relative: 2e-4, ofLargest: 2e-5))
    }
  }

  @Test func aChainOfElementwiseNodesIsOneStep() throws {
    let builder = GraphBuilder("chain")
    let x = builder.input("x", [64, 128])
    let bias = builder.input("bias", [128])
    let row = bias.broadcast(to: [64, 128], axes: [1])
    let sum = x + row
    let positive = max(sum, 0)
    builder.output("y", tanh(positive * 3))
    let executable = try CPUBackend(threads: 1).compile(builder.graph)
    #expect(executable.plan.hasPrefix("plan: 1 steps"))
  }

  /// Sums over all axes but one, over rows and over everything, with runs longer and shorter than a chunk.
  @Test(arguments: [[3, 4, 40, 50], [6, 16, 16, 16], [2, 3, 9, 31]])
  func sumsAreComputedWithTheirRegion(shape: [Int]) throws {
    let builder = GraphBuilder("sums")
    let x = builder.input("x", shape)
    let channel = builder.input("channel", [shape[1]])
    let centered = x - channel.broadcast(to: shape, axes: [1])
    builder.output("centered", centered)
    builder.output("squares", (centered * centered).sum(axes: [0, 2, 3]))
    builder.output("sum", centered.sum(axes: [0, 2, 3]))
    let plan = try CPUBackend(threads: 1).compile(builder.graph).plan
    #expect(plan.hasPrefix("plan: 1 steps"), "\(plan)")
    let count = shape.reduce(1, *)
    for threads in [1, 2, 3] {
      try expectConformance(
        builder.graph, ["x": samples(count, "x"), "channel": samples(shape[1], "channel")],
        threads: threads, tolerance: .sums)
    }
  }

  @Test func sumsThatDoNotFitTheirRegionFollowIt() throws {
    let builder = GraphBuilder("sums")
    let x = builder.input("x", [40, 300])
    let squares = x * x
    builder.output("rows", squares.sum(axes: [1]))
    builder.output("columns", squares.sum(axes: [0]))
    builder.output("all", squares.sum())
    let plan = try CPUBackend(threads: 1).compile(builder.graph).plan
    #expect(plan.hasPrefix("plan: 2 steps"), "\(plan)")
    #expect(plan.contains("reduce sum 12000 → 300"), "\(plan)")
    for threads in [1, 3] {
      try expectConformance(
        builder.graph, ["x": samples(12_000, "x")], threads: threads, tolerance: .sums)
    }
  }

  @Test func resultsAreTheSameBitsInEveryExecution() throws {
    let builder = GraphBuilder("sum")
    let x = builder.input("x", [64, 3000])
    builder.output("total", exp(x).sum())
    builder.output("columns", (x * x).sum(axes: [0]))
    let executable = try CPUBackend(threads: 2).compile(builder.graph)
    executable.write("x", HostTensor([64, 3000], samples(192_000, "x").map { Float($0) }))
    try executable.execute()
    let (total, columns) = (executable.read("total"), executable.read("columns"))
    for _ in 0..<5 {
      try executable.execute()
      #expect(executable.read("total") == total)
      #expect(executable.read("columns") == columns)
    }
  }
}

/// Draws a graph from a seed.
struct RandomProgram {
  private let builder = GraphBuilder("random")
  private let shape: [Int]
  private let stream: UInt64
  private var counter: UInt64 = 0
  private var values: [Tensor] = []

  init(seed: UInt64, shape: [Int]) {
    self.shape = shape
    stream = CounterRandom.stream(seed: seed, "program")
  }

  mutating func build(length: Int) -> Graph {
    let (n, c, h, w) = (shape[0], shape[1], shape[2], shape[3])
    values = ["a", "b"].map { builder.input($0, shape) }
    let channel = builder.input("channel", [c])
    let row = builder.input("row", [w])
    let scalar = builder.input("scalar", [])
    let flat = builder.input("flat", [n, c * h * w])
    values.append(channel.broadcast(to: shape, axes: [1]))
    values.append(row.broadcast(to: shape, axes: [3]))
    values.append(scalar.broadcast(to: shape, axes: []))
    values.append(flat.reshaped(shape))
    for _ in 0..<length { values.append(next()) }
    for (i, value) in values.suffix(4).enumerated() { builder.output("y\(i)", value) }
    builder.output("sum", values[values.count - 1].sum(axes: [0, 2, 3]))
    builder.output("largest", values[values.count - 2].maximum(axes: [1]))
    return builder.graph
  }

  private mutating func draw(_ count: Int) -> Int {
    counter += 1
    return Int(CounterRandom.bits(stream: stream, counter: counter, index: 0) % UInt64(count))
  }

  private mutating func operand() -> Tensor { values[draw(values.count)] }

  private mutating func next() -> Tensor {
    let (a, b) = (operand(), operand())
    switch draw(11) {
    case 0: return a + b
    case 1: return a - b
    case 2: return tanh(a * b)
    case 3: return max(a, b)
    case 4: return logistic(a)
    case 5: return select(a .> b, a, operand())
    case 6: return abs(a)
    case 7: return erf(a)
    case 8:
      let mean = a.sum(axes: [2, 3]) * (1 / Double(shape[2] * shape[3]))
      return mean.broadcast(to: shape, axes: [0, 1])
    case 9:
      let flat = a.reshaped([shape[0], shape[1] * shape[2] * shape[3]])
      return (-flat).reshaped(shape)
    default:
      let count = shape[2] * shape[3]
      let planes = a.reshaped([shape[0], shape[1], count])
      let halves = planes.transposed([2, 0, 1])
      let back = tanh(halves).transposed([1, 2, 0])
      return back.reshaped(shape)
    }
  }
}
