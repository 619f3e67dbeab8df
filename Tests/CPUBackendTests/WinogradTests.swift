import CMatrixKernels
import Execution
import GraphTestSupport
import TensorGraph
import Testing

@testable import CPUBackend

/// Convolutions of training steps by Winograd's algorithm.
struct WinogradTests {
  /// Networks with layers that it serves on every processor that has it, with whole tiles and parts of tiles.
  static let examples = [
    ConvolutionExample(batch: 4, channels: [32, 64, 32]),
    ConvolutionExample(batch: 5, channels: [64, 32, 96], padding: 2),
    ConvolutionExample(batch: 4, channels: [32, 64, 32], kernel: 4, stride: 2, image: [28, 28]),
    ConvolutionExample(batch: 5, channels: [64, 32, 96], kernel: 4, stride: 2, image: [24, 28]),
    ConvolutionExample(
      batch: 4, channels: [32, 32, 64], kernel: 4, stride: 2, padding: 2, image: [22, 22]),
    ConvolutionExample(
      batch: 4, channels: [32, 32, 32], kernel: 4, stride: 2, padding: 0, image: [30, 30]),
  ]

  static var isServed: Bool { lmtc_winograd_for_processor(1) != nil }

  @Test(arguments: examples + [ConvolutionExample(batch: 4, channels: [32, 64, 64], padding: 0)])
  func networksAndTheirGradientsAgreeWithTheReference(_ example: ConvolutionExample) throws {
    // Larger tiles have larger errors.
    let tolerance = Tolerance(relative: 1e-5, ofLargest: example.stride > 1 ? 1e-4 : 3e-5)
    for threads in [1, 2, 3] {
      try expectConformance(
        example.graph, Self.inputs(of: example.graph), for: .training, threads: threads,
        tolerance: tolerance)
    }
  }

  /// Sums of many terms would leave the range where tanh has a slope.
  private static func inputs(of graph: Graph) -> [String: [Double]] {
    var inputs: [String: [Double]] = [:]
    for input in graph.inputs {
      let scale = input.name.hasPrefix("filter") ? 0.05 : 0.5
      inputs[input.name] = samples(graph[input.value].type.count, input.name).map { $0 * scale }
    }
    return inputs
  }

  /// The outputs of an execution on a new executable.
  private static func results(
    _ graph: Graph, for purpose: ExecutionPurpose, threads: Int
  ) throws -> [[Float]] {
    let executable = try CPUBackend(threads: threads).compile(graph, for: purpose)
    for (name, numbers) in inputs(of: graph) {
      executable.withInput(name) { _ = $0.update(from: numbers.map { Float($0) }) }
    }
    try executable.execute()
    return graph.outputs.map { executable.read($0.name).elements }
  }

  /// Their sums take so much memory that the threads share them.
  @Test func filterGradientsOfManyChannelsAgreeWithTheDirectAlgorithm() throws {
    let graph = ConvolutionExample(batch: 32, channels: [32, 192, 192]).graph
    for threads in [1, 2] {
      let direct = try Self.results(graph, for: .evaluation, threads: threads)
      let found = try Self.results(graph, for: .training, threads: threads)
      for (a, b) in zip(direct, found) {
        let largest = a.reduce(0) { max($0, abs($1)) }
        #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 3e-5 * largest })
      }
    }
  }

  @Test(.enabled(if: isServed), arguments: examples)
  func onlyTrainingStepsUseIt(_ example: ConvolutionExample) throws {
    let engine = CPUBackend(threads: 1)
    let graph = example.graph
    let plan = try engine.compile(graph, for: .training).plan
    for direction in ["forward", "inputGradient", "filterGradient"] {
      // Of the two layers, each of which has each direction but the first one's input gradient.
      let count = plan.ranges(of: "convolution \(direction) Winograd").count
      #expect(count == (direction == "inputGradient" ? 1 : 2), "\(plan)")
    }
    #expect(try !engine.compile(graph).plan.contains("Winograd"))
  }

  @Test func otherGeometriesAreLeftToTheDirectAlgorithm() throws {
    let others = [
      ConvolutionExample(batch: 4, channels: [32, 32, 32], stride: 2),
      ConvolutionExample(batch: 4, channels: [32, 32, 32], kernel: 5),
      // A row that no window covers.
      ConvolutionExample(batch: 4, channels: [32, 32, 32], kernel: 4, stride: 2, image: [27, 27]),
      // Too few results for the tiles.
      ConvolutionExample(batch: 4, channels: [32, 32, 32], kernel: 4, stride: 2, image: [16, 16]),
      ConvolutionExample(batch: 4, channels: [32, 32, 32], padding: 2, dilation: 2),
      ConvolutionExample(batch: 4, channels: [32, 32, 32], groups: 2),
      ConvolutionExample(batch: 4, channels: [16, 16, 16]),
      ConvolutionExample(batch: 4, channels: [40, 40, 40]),
      ConvolutionExample(batch: 2, channels: [32, 32, 32]),
    ]
    for example in others {
      let plan = try CPUBackend(threads: 1).compile(example.graph, for: .training).plan
      #expect(!plan.contains("Winograd"), "\(example)\n\(plan)")
    }
  }

  @Test(arguments: [1, 2, 3], [examples[0], examples[2]])
  func everyRunHasTheSameBits(threads: Int, example: ConvolutionExample) throws {
    let graph = example.graph
    let first = try Self.results(graph, for: .training, threads: threads)
    for _ in 0..<3 {
      #expect(try Self.results(graph, for: .training, threads: threads) == first)
    }
  }
}
