import CPUBackend
import Execution
import TensorGraph

/// A benchmark's network with its step, compiled and filled.
struct Workload {
  /// The name on the command line, also of the peer's.
  let name: String
  /// Steps timed at once in a round.
  let stepsPerRound: Int
  private let layers: [BenchmarkLayer]
  private let batch: Int
  private let shape: [Int]

  /// The networks of the performance goals.
  static let all = [
    Workload(
      name: "mlp", stepsPerRound: 400, layers: [.dense(128), .dense(128), .dense(10)], batch: 64,
      shape: [64]),
    Workload(
      name: "cnn", stepsPerRound: 5,
      layers: [
        .convolution(filters: 32, kernel: 3, stride: 1, padding: 1),
        .convolution(filters: 32, kernel: 4, stride: 2, padding: 1),
        .convolution(filters: 64, kernel: 3, stride: 1, padding: 1),
        .convolution(filters: 64, kernel: 4, stride: 2, padding: 1), .dense(512), .dense(10),
      ], batch: 128, shape: [1, 28, 28]),
  ]

  /// Compiles the step and fills its inputs from a fixed seed.
  func prepare(threads: Int) throws -> any Executable {
    let graph = StepGraph.build(layers, batch: batch, shape: shape, classes: 10)
    let executable = try CPUBackend(threads: threads).compile(graph)
    for input in graph.inputs {
      let type = graph[input.value].type
      executable.withInput(input.name) { fill($0, input.name, type.shape) }
    }
    return executable
  }

  private func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, _ name: String, _ shape: [Int]
  ) {
    let stream = CounterRandom.stream(seed: 1, name)
    let fan = shape.dropFirst().reduce(1, *)
    for index in buffer.indices {
      let uniform = Float(
        CounterRandom.uniform(stream: stream, counter: 0, index: UInt64(index)) * 2 - 1)
      switch name {
      case "labels": buffer[index] = index % 10 == (index / 10) % 10 ? 1 : 0
      case "power1", "power2": buffer[index] = 1
      case let name where name.hasSuffix(".m") || name.hasSuffix(".v") || name.hasPrefix("bias"):
        buffer[index] = 0
      case let name where name.hasPrefix("weight"):
        buffer[index] = uniform * (6 / Float(fan)).squareRoot() * 0.5
      case let name where name.hasPrefix("vector"):
        buffer[index] = uniform / Float(buffer.count).squareRoot()
      default: buffer[index] = uniform
      }
    }
  }
}
