import MatrixProducts
import TensorGraph

/// Executes a prediction graph in binary64: each operation is one rounding to nearest, and each sum of products
/// is taken in an order of its own, with or without fused multiply-add.
///
/// This is an execution of the network that ``ExecutedFormat/binary64`` describes. The graph must be built for a
/// batch of 1; 16 samples are executed side by side in lanes. A sample's results do not depend on the samples
/// beside it. Part of the trusted base.
public struct DoubleExecution: Sendable {
  private let graph: Graph
  private let output: Value
  /// Values that do not depend on the sample.
  private let shared: [Int: IntervalTensor]
  private let sums: [Int: (position: Int, kernel: SumKernel)]
  /// The last node that reads each node's value.
  private let lastReads: [Int]

  /// An execution of a graph whose input `fed` varies; `weights` gives the values of all others.
  public init(_ graph: Graph, fed: String, output: String, weights: (String) -> [Float]) {
    guard let result = graph.outputs.first(where: { $0.name == output }) else {
      preconditionFailure("graph '\(graph.name)' has no output '\(output)'")
    }
    var constants = Constants(graph, fed: fed)
    var sums: [Int: (position: Int, kernel: SumKernel)] = [:]
    for (index, node) in graph.nodes.enumerated() where !constants.add(index, weights) {
      guard node.operation.isSum else { continue }
      let position = node.operands.firstIndex { constants.values[$0.index] == nil } ?? 0
      let other = node.operands.indices.first { $0 != position }
      sums[index] = (
        position,
        SumKernel(
          SumGeometry(node, varying: position, types: node.operands.map { graph[$0].type }),
          w: other.flatMap { constants.values[node.operands[$0].index] }.map {
            RoundedTensor($0, error: $0.lower.map { _ in 0 })
          })
      )
    }
    var lastReads = Array(repeating: -1, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands { lastReads[operand.index] = index }
    }
    (self.graph, self.sums, self.lastReads) = (graph, sums, lastReads)
    self.output = result.value
    shared = constants.values
  }

  /// The elements of the output for each sample, row-major.
  ///
  /// - Parameter samples: the fed input's elements, one array a sample.
  public func execute(_ samples: [ArraySlice<Float>]) -> [[Double]] {
    stride(from: 0, to: samples.count, by: LaneProducts.lanes).flatMap { start in
      block(Array(samples[start...].prefix(LaneProducts.lanes)))
    }
  }

  private func block(_ samples: [ArraySlice<Float>]) -> [[Double]] {
    var values: [Int: IntervalTensor] = [:]
    for (index, node) in graph.nodes.enumerated()
    where shared[index] == nil && (lastReads[index] >= 0 || index == output.index) {
      if case .input = node.operation {
        let fed = EnclosingEvaluator.interleave(samples, node.type)
        values[index] = fed.padded(to: LaneProducts.lanes)
        continue
      }
      let operands = node.operands.map { shared[$0.index] ?? values[$0.index]! }
      if let (position, kernel) = sums[index] {
        values[index] = Self.sums(node.type, kernel, operands[position])
      } else {
        values[index] = Self.evaluate(node, operands)
      }
      for operand in node.operands
      where lastReads[operand.index] == index && operand != output {
        values[operand.index] = nil
      }
    }
    let result = shared[output.index] ?? values[output.index]!
    return samples.indices.map { lane in
      (0..<result.type.count).map { result.lower[result.position($0, lane)] }
    }
  }

  private static func sums(
    _ type: TensorType, _ kernel: SumKernel, _ x: IntervalTensor
  ) -> IntervalTensor {
    let lanes = LaneProducts.lanes
    let elements = [Double](unsafeUninitializedCapacity: type.count * lanes) { out, count in
      kernel.forEachTile(SumKernel.Operand(LaneMemory(x.lower))) { tile in
        (out.baseAddress! + tile.results.lowerBound * lanes).update(
          from: tile.sum, count: tile.results.count * lanes)
      }
      count = type.count * lanes
    }
    return IntervalTensor(type, lanes: lanes, exactly: elements)
  }

  /// An operation that is not a sum of products; those that only move or choose elements do not round.
  private static func evaluate(_ node: Node, _ x: [IntervalTensor]) -> IntervalTensor {
    switch node.operation {
    case .unary(let function):
      return IntervalTensor(
        node.type, lanes: x[0].lanes, exactly: x[0].lower.map(function.evaluate))
    case .binary(let function): return zip(node.type, x[0], x[1], function.evaluate)
    case .compare(let relation):
      return zip(node.type, x[0], x[1]) { relation.holds($0, $1) ? 1 : 0 }
    case .select: return select(node.type, x[0], x[1], x[2])
    case .splat, .literal, .reshape, .stopGradient, .withDerivative, .broadcast, .transpose, .slice,
      .pad,
      .concatenate, .reduce(.maximum, _), .maxPoolSelect:
      return EnclosingEvaluator.evaluate(node, x)
    case .input, .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient,
      .sumPool, .sumPoolGradient, .reduce(.sum, _), .maxPoolScatter, .random, .cholesky,
      .triangularSolve:
      preconditionFailure("\(node.operation.name) is not executed element by element")
    }
  }

  private static func zip(
    _ type: TensorType, _ a: IntervalTensor, _ b: IntervalTensor,
    _ function: (Double, Double) -> Double
  ) -> IntervalTensor {
    let lanes = max(a.lanes, b.lanes)
    let elements = [Double](unsafeUninitializedCapacity: type.count * lanes) { out, count in
      LaneLoop.forEach(type.count, lanes: lanes, a.lanes, b.lanes) { i, j, place in
        out.initializeElement(at: place, to: function(a.lower[i], b.lower[j]))
      }
      count = type.count * lanes
    }
    return IntervalTensor(type, lanes: lanes, exactly: elements)
  }

  private static func select(
    _ type: TensorType, _ mask: IntervalTensor, _ a: IntervalTensor, _ b: IntervalTensor
  ) -> IntervalTensor {
    let lanes = max(mask.lanes, a.lanes, b.lanes)
    var elements: [Double] = []
    elements.reserveCapacity(type.count * lanes)
    for index in 0..<type.count {
      for lane in 0..<lanes {
        let chosen = mask.lower[mask.position(index, lane)] != 0 ? a : b
        elements.append(chosen.lower[chosen.position(index, lane)])
      }
    }
    return IntervalTensor(type, lanes: lanes, exactly: elements)
  }
}

extension DoubleExecution {
  /// The values that do not depend on the sample, each operation executed once by the plain evaluator.
  private struct Constants {
    let graph: Graph
    let fed: String
    private(set) var values: [Int: IntervalTensor] = [:]

    init(_ graph: Graph, fed: String) { (self.graph, self.fed) = (graph, fed) }

    /// Adds the next node's value; false if it depends on the sample.
    mutating func add(_ index: Int, _ weights: (String) -> [Float]) -> Bool {
      let node = graph.nodes[index]
      if case .input(let name) = node.operation {
        guard name != fed else { return false }
        values[index] = IntervalTensor(
          node.type, lanes: 1, exactly: weights(name).map { Double($0) })
        return true
      }
      var operands: [ReferenceTensor] = []
      for operand in node.operands {
        guard let value = values[operand.index] else { return false }
        operands.append(ReferenceTensor(value.type.shape, value.lower))
      }
      let result = node.operation.evaluate(operands, as: node.type)
      values[index] = IntervalTensor(node.type, lanes: 1, exactly: result.elements)
      return true
    }
  }
}
