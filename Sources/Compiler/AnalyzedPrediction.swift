import ModelIR
import TensorGraph

/// The graph that certificates analyze: ``Prediction`` of a single sample, with the place of every
/// layer's output in it.
public struct AnalyzedPrediction: Sendable {
  /// The graph; its only output is ``Prediction/logits``.
  public let graph: Graph
  /// The values of each layer's output and inputs, in the order of ``Model/nodes``.
  public let layers: [Places]

  /// Where a layer's values are.
  public struct Places: Sendable {
    /// The output.
    public let output: Value
    /// The inputs.
    public let inputs: [Value]
    /// M x + b, σ(M x + b) and Mᵀσ(M x + b), if the layer is a step along a gradient.
    public let step: (product: Value, active: Value, adjoint: Value)?
  }

  /// Builds it.
  public init(model: Model) {
    let builder = GraphBuilder("predict")
    let images = builder.input(Prediction.images, [1] + model.inputShape)
    let network = ModelGraph(model, images: images, mode: .inference)
    // As outputs the layers keep their places through simplification.
    for (index, layer) in network.layers.enumerated() {
      builder.output("layer \(index)", layer)
      guard let step = network.gradientSteps[index] else { continue }
      builder.output("product \(index)", step.product)
      builder.output("active \(index)", step.active)
      builder.output("adjoint \(index)", step.adjoint)
    }
    builder.output(Prediction.logits, network.logits)
    var graph = builder.graph.simplified()
    let outputs = Dictionary(uniqueKeysWithValues: graph.outputs.map { ($0.name, $0.value) })
    let input = graph.inputs[0].value
    layers = model.nodes.enumerated().map { index, node in
      let inputs = node.operands.map { operand in
        switch operand {
        case .input: input
        case .node(let index): outputs["layer \(index)"]!
        }
      }
      let step = outputs["product \(index)"].map {
        (product: $0, active: outputs["active \(index)"]!, adjoint: outputs["adjoint \(index)"]!)
      }
      return Places(output: outputs["layer \(index)"]!, inputs: inputs, step: step)
    }
    graph.outputs = [graph.outputs[graph.outputs.count - 1]]
    self.graph = graph
  }

  /// Whether an engine that executes a prediction does the arithmetic of this graph: the same operations
  /// on the same operands, up to the size of the batch and the movement of constants.
  public func describes(_ prediction: Prediction) -> Bool {
    ArithmeticTrace(graph) == ArithmeticTrace(prediction.graph)
  }
}

/// The operations of a graph that round, or choose, in order, whatever its shapes.
private struct ArithmeticTrace: Equatable {
  /// An operand.
  private enum Term: Hashable {
    case step(Int)
    /// The bits of the numbers that occur in a constant.
    case constant(Set<UInt64>)
  }
  private struct Step: Equatable {
    let operation: Operation
    let operands: [Term]
  }

  private var steps: [Step] = []

  init(_ graph: Graph) {
    let graph = graph.withoutUnusedNodes()
    var terms: [Term] = []
    for node in graph.nodes {
      let operands = node.operands.map { terms[$0.index] }
      if let constant = ArithmeticTrace.constant(node, operands) {
        terms.append(.constant(constant))
      } else {
        steps.append(Step(operation: node.operation.withoutPlaces, operands: operands))
        terms.append(.step(steps.count - 1))
      }
    }
  }

  /// The numbers of a constant that at most moves: simplification may fold the movement of a small one.
  private static func constant(_ node: Node, _ operands: [Term]) -> Set<UInt64>? {
    switch node.operation {
    case .splat(let number): return [number.bitPattern]
    case .literal(let literal): return Set(literal.elements.map(\.bitPattern))
    case .broadcast, .reshape, .transpose:
      if case .constant(let numbers) = operands[0] { return numbers }
      return nil
    default: return nil
    }
  }
}

extension Operation {
  /// The operation without the numbers that depend on the size of the batch.
  fileprivate var withoutPlaces: Operation {
    switch self {
    case .slice: .slice(starts: [], limits: [], strides: [])
    case .pad: .pad(low: [], high: [], interior: [])
    default: self
    }
  }
}
