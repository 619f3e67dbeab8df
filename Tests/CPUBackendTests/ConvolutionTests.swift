import CMatrixKernels
import GraphTestSupport
import TensorGraph
import Testing

@testable import CPUBackend

/// A network conv → bias → ReLU → conv → bias → ReLU → sum with its gradients and an update.
struct ConvolutionExample: CustomStringConvertible {
  let batch: Int
  let channels: [Int]
  var kernel = 3
  var stride = 1
  var padding = 1
  var dilation = 1
  var groups = 1
  var image = [9, 10]

  var description: String {
    "\(batch)×\(channels)×\(image) k\(kernel) s\(stride) p\(padding) g\(groups)"
  }

  static let all = [
    ConvolutionExample(batch: 8, channels: [1, 16, 32]),
    ConvolutionExample(batch: 5, channels: [8, 16, 8], kernel: 4, stride: 2),
    ConvolutionExample(batch: 5, channels: [2, 16, 8], kernel: 4, stride: 2, padding: 2),
    ConvolutionExample(batch: 4, channels: [3, 5, 7]),
    ConvolutionExample(batch: 6, channels: [16, 32, 16], padding: 2, dilation: 2),
    ConvolutionExample(batch: 6, channels: [8, 16, 8], groups: 4),
    ConvolutionExample(batch: 1, channels: [2, 8, 16]),
    ConvolutionExample(batch: 8, channels: [16, 12, 16], kernel: 1, padding: 0),
  ]

  var graph: Graph {
    let builder = GraphBuilder("network")
    var activation = builder.input("x", [batch, channels[0]] + image)
    let window = ConvolutionWindow(
      kernel: [kernel, kernel], strides: [stride, stride], paddingLow: [padding, padding],
      paddingHigh: [padding, padding], dilations: [dilation, dilation], groups: groups)
    var parameters: [Tensor] = []
    for (layer, (inputs, outputs)) in zip(channels, channels.dropFirst()).enumerated() {
      let filter = builder.input(
        "filter\(layer)", [outputs, inputs / groups, kernel, kernel], isPersistent: true)
      let bias = builder.input("bias\(layer)", [outputs])
      parameters += [filter, bias]
      let y = activation.convolved(with: filter, window)
      activation = max(y + bias.broadcast(like: y, axes: [1]), 0)
    }
    let loss = (activation * tanh(activation)).sum()
    builder.output("loss", loss)
    builder.output("activation", activation)
    let gradients = loss.gradients(withRespectTo: parameters)
    for (index, gradient) in gradients.enumerated() {
      builder.output("gradient\(index)", gradient)
    }
    for layer in 0...1 {
      let change = gradients[2 * layer] * 1e-3
      builder.output("filter\(layer)", parameters[2 * layer] - change)
    }
    return builder.graph
  }
}

struct ConvolutionTests {
  @Test(arguments: ConvolutionExample.all)
  func networksAndTheirGradientsAgreeWithTheReference(_ example: ConvolutionExample) throws {
    let graph = example.graph
    var inputs: [String: [Double]] = [:]
    for input in graph.inputs {
      inputs[input.name] = samples(graph[input.value].type.count, input.name).map { $0 * 0.5 }
    }
    for threads in [1, 2] {
      try expectConformance(
        graph, inputs, threads: threads, executions: 3,
        tolerance: Tolerance(relative: 1e-5, ofLargest: 1e-5))
    }
  }

  @Test func batchesRunOnOneDNNInItsLayouts() throws {
    // Whole blocks of channels on every vector width.
    let example = ConvolutionExample(batch: 8, channels: [16, 32, 16])
    let plan = try CPUBackend(threads: 1).compile(example.graph).plan
    for direction in ["forward", "inputGradient", "filterGradient"] {
      #expect(plan.contains("convolution \(direction) oneDNN"), "\(plan)")
    }
  }

  @Test func filterGradientsOfOneChannelNeedNoOtherLayout() throws {
    let plan = try CPUBackend(threads: 1).compile(
      ConvolutionExample(batch: 8, channels: [1, 32, 32]).graph
    ).plan
    #expect(plan.contains("convolution filterGradient by taps") == (lmtc_vector_width() >= 8))
  }

  @Test func notANumberGoesThroughConvolutionsAndRectifiers() throws {
    let graph = ConvolutionExample(batch: 4, channels: [8, 8, 8]).graph
    let executable = try CPUBackend(threads: 1).compile(graph)
    executable.withInput("filter0") { $0.update(repeating: .nan) }
    try executable.execute()
    #expect(executable.read("loss").elements[0].isNaN)
  }
}
