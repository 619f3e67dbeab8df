/// The oracle: a plain evaluator in Double, written for clarity; every engine is compared with it.
public struct ReferenceEvaluator: Sendable {
  /// What is evaluated.
  public let graph: Graph
  private let lastUse: [Int]

  /// Prepares a graph that verifies.
  public init(_ graph: Graph) {
    self.graph = graph
    var lastUse = Array(graph.nodes.indices)
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands { lastUse[operand.index] = index }
    }
    for output in graph.outputs { lastUse[output.value.index] = .max }
    self.lastUse = lastUse
  }

  /// Every output by name; a missing input or a wrong count traps.
  public func evaluate(_ inputs: [String: [Double]]) -> [String: [Double]] {
    let values = run(inputs)
    var outputs: [String: [Double]] = [:]
    for output in graph.outputs { outputs[output.name] = values[output.value.index].elements }
    return outputs
  }

  /// The tensors of the nodes; those that no output needs are empty.
  private func run(_ inputs: [String: [Double]]) -> [ReferenceTensor] {
    let empty = ReferenceTensor([0], [])
    var values: [ReferenceTensor] = []
    values.reserveCapacity(graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      if case .input(let name) = node.operation {
        guard let elements = inputs[name] else { preconditionFailure("no input '\(name)'") }
        values.append(ReferenceTensor(node.type.shape, elements))
        continue
      }
      let operands = node.operands.map { values[$0.index] }
      values.append(node.operation.evaluate(operands, as: node.type))
      for operand in node.operands where lastUse[operand.index] == index {
        values[operand.index] = empty
      }
    }
    return values
  }
}

/// Every output of a graph by name, in Double; see ``ReferenceEvaluator``.
public func evaluate(_ graph: Graph, inputs: [String: [Double]] = [:]) -> [String: [Double]] {
  ReferenceEvaluator(graph).evaluate(inputs)
}

extension Operation {
  /// The result of one operation other than an input; operands fit the type rule.
  public func evaluate(_ operands: [ReferenceTensor], as type: TensorType) -> ReferenceTensor {
    switch self {
    case .input(let name):
      preconditionFailure("input '\(name)' is not computed")
    case .splat(let number):
      return ReferenceTensor(type.shape, repeating: number)
    case .literal(let literal):
      return ReferenceTensor(type.shape, literal.elements)
    case .unary(let function):
      return ReferenceTensor(type.shape, operands[0].elements.map(function.evaluate))
    case .binary(let function):
      return zipped(operands, function.evaluate)
    case .compare(let relation):
      return zipped(operands) { relation.holds($0, $1) ? 1 : 0 }
    case .select:
      let elements = operands[0].elements.indices.map { index in
        operands[operands[0].elements[index] != 0 ? 1 : 2].elements[index]
      }
      return ReferenceTensor(type.shape, elements)
    case .reshape, .stopGradient, .withDerivative:
      return ReferenceTensor(type.shape, operands[0].elements)
    case .broadcast, .transpose, .slice, .pad, .concatenate:
      return ReferenceTensor(type.shape, movedElements(operands, type.shape))
    case .reduce(let fold, let axes):
      return operands[0].reduced(fold, over: axes, to: type.shape)
    case .dot(let left, let right):
      return operands[0].product(operands[1], left, right, type.shape)
    case .cholesky:
      return operands[0].choleskyFactor
    case .triangularSolve(let transposed):
      return operands[0].solve(operands[1], transposed: transposed)
    case .convolution(let window):
      return window.convolve(operands[0], operands[1], to: type.shape)
    case .convolutionInputGradient(let window):
      return window.inputGradient(operands[0], operands[1], to: type.shape)
    case .convolutionFilterGradient(let window):
      return window.filterGradient(operands[0], operands[1], to: type.shape)
    case .sumPool(let window):
      return window.sum(operands[0], to: type.shape)
    case .sumPoolGradient(let window):
      return window.spread(operands[0], to: type.shape)
    case .maxPoolSelect(let window):
      return window.selectMaximum(operands[0], operands[1], to: type.shape)
    case .maxPoolScatter(let window):
      return window.scatterMaximum(operands[0], operands[1], to: type.shape)
    case .random(let stream):
      let counter = CounterRandom.counter(operands[0].elements[0])
      let elements = (0..<type.count).map {
        CounterRandom.uniform(stream: stream, counter: counter, index: UInt64($0))
      }
      return ReferenceTensor(type.shape, elements)
    }
  }

  private func zipped(
    _ operands: [ReferenceTensor], _ function: (Double, Double) -> Double
  ) -> ReferenceTensor {
    ReferenceTensor(
      operands[0].shape, zip(operands[0].elements, operands[1].elements).map(function))
  }
}
