import Enclosure
import TensorGraph

/// Evaluates a prediction graph in interval arithmetic on Doubles: every exact logit, as real
/// arithmetic on the stored weights and input would give it, lies in the interval returned.
///
/// The graph must be built for a batch of 1; samples run side by side in lanes. Sums of n products
/// are enclosed by the standard model of rounding, |fl(Σ) − Σ| ≤ γₙ Σ|terms| for any order and with or
/// without fused multiply-add (Higham 2002, §3.1); the elementary functions of the C library are
/// widened by ``Elementary/slack`` units in the last place. Part of the trusted base.
public struct EnclosingEvaluator: Sendable {
  private let graph: Graph
  private let fed: String
  private let shared: [Int: LaneTensor]

  /// An evaluator of a graph whose input `fed` varies; all others are given here, exactly.
  public init(_ graph: Graph, fed: String, weights: (String) -> [Float]) {
    self.graph = graph
    self.fed = fed
    var shared: [Int: LaneTensor] = [:]
    for (index, node) in graph.nodes.enumerated() {
      if case .input(let name) = node.operation {
        guard name != fed else { continue }
        shared[index] = LaneTensor(
          node.type, lanes: 1, exactly: weights(name).map { Double($0) })
      } else if node.operands.allSatisfy({ shared[$0.index] != nil }) {
        shared[index] = EnclosingEvaluator.evaluate(
          node, node.operands.map { shared[$0.index]! })
      }
    }
    self.shared = shared
  }

  /// The enclosures of an output for a block of samples.
  ///
  /// - Parameter samples: the fed input's elements, one array a sample.
  /// - Returns: for each sample the lower and upper ends, row-major.
  public func enclose(
    _ samples: [ArraySlice<Float>], output: String
  ) -> [(lower: [Double], upper: [Double])] {
    var values: [Int: LaneTensor] = [:]
    func value(_ operand: Value) -> LaneTensor { shared[operand.index] ?? values[operand.index]! }
    for (index, node) in graph.nodes.enumerated() where shared[index] == nil {
      if case .input = node.operation {
        values[index] = EnclosingEvaluator.interleave(samples, node.type)
      } else {
        values[index] = EnclosingEvaluator.evaluate(node, node.operands.map(value))
      }
    }
    let result = value(graph.outputs.first { $0.name == output }!.value)
    return samples.indices.map { lane in
      let positions = (0..<result.type.count).map { result.position($0, lane) }
      return (positions.map { result.lower[$0] }, positions.map { result.upper[$0] })
    }
  }

  /// Samples side by side as lanes.
  static func interleave(_ samples: [ArraySlice<Float>], _ type: TensorType) -> LaneTensor {
    var elements = Array(repeating: 0.0, count: samples.count * type.count)
    for (lane, sample) in samples.enumerated() {
      precondition(sample.count == type.count, "a sample of another size")
      for (index, element) in sample.enumerated() {
        elements[index * samples.count + lane] = Double(element)
      }
    }
    return LaneTensor(type, lanes: samples.count, exactly: elements)
  }

  /// One operation on enclosures.
  static func evaluate(_ node: Node, _ operands: [LaneTensor]) -> LaneTensor {
    switch node.operation {
    case .input:
      preconditionFailure("inputs are bound before evaluation")
    case .splat(let number):
      return LaneTensor(
        node.type, lanes: 1, exactly: Array(repeating: number, count: node.type.count))
    case .literal(let literal):
      return LaneTensor(node.type, lanes: 1, exactly: literal.elements)
    case .unary(let function):
      return Elementary.unary(function, operands[0])
    case .binary(let function):
      return Elementary.binary(function, operands[0], operands[1])
    case .compare(let relation):
      return Elementary.compare(relation, operands[0], operands[1])
    case .select:
      return Elementary.select(operands[0], operands[1], operands[2])
    case .reshape:
      return LaneTensor(node.type, like: operands[0])
    case .stopGradient:
      return operands[0]
    case .broadcast, .transpose, .slice, .pad, .concatenate:
      return Movement.evaluate(node, operands)
    case .reduce(let fold, let axes):
      return LinearEnclosure.reduce(operands[0], fold, axes, node.type)
    case .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .sumPool,
      .sumPoolGradient:
      return LinearEnclosure.evaluate(node, operands)
    case .maxPoolSelect(let window):
      return Movement.maxPool(operands[0], operands[1], window, node.type)
    case .maxPoolScatter, .random:
      preconditionFailure("\(node.operation.name) does not occur in prediction graphs")
    }
  }
}
