import MatrixProducts
import TensorGraph

/// Evaluates a prediction graph in interval arithmetic on Doubles: every exact logit, as real arithmetic
/// gives it for the stored weights and input, lies in the returned interval.
///
/// The graph must be built for a batch of 1. Samples are evaluated side by side in lanes. Sums of n products
/// are enclosed by the standard model of rounding, |fl(Σ) − Σ| ≤ γₙ Σ|terms| for any order and with or
/// without fused multiply-add (Higham 2002, §3.1). The results of the C library's functions are widened by ``ElementwiseEnclosure/slack`` units in the last place. Part of the trusted base.
public struct EnclosingEvaluator: Sendable {
  private let graph: Graph
  private let fed: String
  private let shared: [Int: IntervalTensor]
  private let sums: [Int: (position: Int, kernel: SumKernel)]

  /// An evaluator of a graph whose input `fed` varies; `weights` gives the exact values of all others.
  public init(_ graph: Graph, fed: String, weights: (String) -> [Float]) {
    self.graph = graph
    self.fed = fed
    var shared: [Int: IntervalTensor] = [:]
    var sums: [Int: (position: Int, kernel: SumKernel)] = [:]
    for (index, node) in graph.nodes.enumerated() {
      if case .input(let name) = node.operation {
        guard name != fed else { continue }
        shared[index] = IntervalTensor(
          node.type, lanes: 1, exactly: weights(name).map { Double($0) })
      } else if node.operands.allSatisfy({ shared[$0.index] != nil }) {
        shared[index] = EnclosingEvaluator.evaluate(
          node, node.operands.map { shared[$0.index]! })
      } else if node.operation.isSum {
        let position = node.operands.firstIndex { shared[$0.index] == nil } ?? 0
        let other = node.operands.indices.first { $0 != position }
        let geometry = SumGeometry(
          node, varying: position, types: node.operands.map { graph[$0].type })
        let w = other.flatMap { shared[node.operands[$0].index] }.map {
          RoundedTensor($0, error: $0.lower.map { _ in 0 })
        }
        sums[index] = (position, SumKernel(geometry, w: w))
      }
    }
    self.shared = shared
    self.sums = sums
  }

  /// The enclosures of an output for some samples.
  ///
  /// - Parameter samples: the fed input's elements, one array a sample.
  /// - Returns: for each sample the lower and upper ends, row-major.
  public func enclose(
    _ samples: [ArraySlice<Float>], output: String
  ) -> [(lower: [Double], upper: [Double])] {
    stride(from: 0, to: samples.count, by: LaneProducts.lanes).flatMap { start in
      let block = samples[start...].prefix(LaneProducts.lanes)
      // Lanes without a sample repeat the last one.
      let lanes = (0..<LaneProducts.lanes).map { block[min(start + $0, block.endIndex - 1)] }
      return encloseBlock(lanes, output: output).prefix(block.count)
    }
  }

  private func encloseBlock(
    _ samples: [ArraySlice<Float>], output: String
  ) -> [(lower: [Double], upper: [Double])] {
    var values: [Int: IntervalTensor] = [:]
    func value(_ operand: Value) -> IntervalTensor {
      shared[operand.index] ?? values[operand.index]!
    }
    for (index, node) in graph.nodes.enumerated() where shared[index] == nil {
      if case .input = node.operation {
        values[index] = EnclosingEvaluator.interleave(samples, node.type)
      } else if let (position, kernel) = sums[index] {
        values[index] = LinearEnclosure.evaluate(
          node.type, kernel, value(node.operands[position]))
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
  static func interleave(_ samples: [ArraySlice<Float>], _ type: TensorType) -> IntervalTensor {
    var elements = Array(repeating: 0.0, count: samples.count * type.count)
    for (lane, sample) in samples.enumerated() {
      precondition(sample.count == type.count, "the sample must have \(type.count) elements")
      for (index, element) in sample.enumerated() {
        elements[index * samples.count + lane] = Double(element)
      }
    }
    return IntervalTensor(type, lanes: samples.count, exactly: elements)
  }

  /// One operation on enclosures.
  static func evaluate(_ node: Node, _ operands: [IntervalTensor]) -> IntervalTensor {
    switch node.operation {
    case .input:
      preconditionFailure("inputs are bound before evaluation")
    case .splat(let number):
      return IntervalTensor(
        node.type, lanes: 1, exactly: Array(repeating: number, count: node.type.count))
    case .literal(let literal):
      return IntervalTensor(node.type, lanes: 1, exactly: literal.elements)
    case .unary(let function):
      return ElementwiseEnclosure.unary(function, operands[0])
    case .binary(let function):
      return ElementwiseEnclosure.binary(function, operands[0], operands[1])
    case .compare(let relation):
      return ElementwiseEnclosure.compare(relation, operands[0], operands[1])
    case .select:
      return ElementwiseEnclosure.select(operands[0], operands[1], operands[2])
    case .reshape:
      return IntervalTensor(node.type, like: operands[0])
    case .stopGradient, .withDerivative:
      return operands[0]
    case .broadcast, .transpose, .slice, .pad, .concatenate:
      return MovementEnclosure.evaluate(node, operands)
    case .reduce(.maximum, let axes):
      return LinearEnclosure.maximum(operands[0], axes, node.type)
    case .reduce(.sum, _), .dot, .convolution, .convolutionInputGradient,
      .convolutionFilterGradient, .sumPool,
      .sumPoolGradient:
      return LinearEnclosure.evaluate(node, operands)
    case .maxPoolSelect(let window):
      return MovementEnclosure.maxPool(operands[0], operands[1], window, node.type)
    case .maxPoolScatter, .random, .cholesky, .triangularSolve:
      preconditionFailure("\(node.operation.name) does not occur in prediction graphs")
    }
  }
}
