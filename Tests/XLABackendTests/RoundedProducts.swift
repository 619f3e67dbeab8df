import GraphTestSupport
import TensorGraph

extension OperationCase {
  /// The examples of operations that are sums of products of two operands.
  static let products = all.filter {
    $0.operation.name == "dot" || $0.operation.name.hasPrefix("convolution")
  }

  /// The example with its operands rounded to bfloat16 before.
  var withRoundedOperands: Graph {
    let builder = GraphBuilder("rounded")
    let operands = graph.inputs.map { input in
      roundedToBFloat16(builder.input(input.name, graph[input.value].type.shape))
    }
    builder.output(
      graph.outputs[0].name, builder.apply(operation, operands, as: TensorType(result)))
    return builder.graph
  }
}
