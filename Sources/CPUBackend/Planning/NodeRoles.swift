import Execution
import TensorGraph

/// How the engine executes each node of a graph, and what the node depends on.
struct NodeRoles {
  /// How a node is executed.
  enum Role {
    /// Has a buffer or is a number: input, splat, literal.
    case source
    /// The operand's elements under another shape.
    case alias
    /// The operand's elements reordered, repeated or sliced: read through strides.
    case view
    /// Joins a fused region.
    case elementwise
    /// A kernel of its own.
    case kernel
  }

  /// The index space of a fused region: four-dimensional tensors keep their shape, because they may
  /// be laid out in blocks; all others are only counted.
  enum Domain: Hashable {
    case space([Int])
    case count(Int)
  }

  let graph: Graph
  private(set) var roles: [Role]
  /// Whether a node contributes to an output.
  private(set) var isLive: [Bool]
  /// Nodes with a buffer that use each node, through aliases and views; −1 stands for an output.
  private(set) var users: [[Int]]
  /// Comparisons and outer products that wait until a region needs them, because keeping them costs
  /// more memory than making them.
  private(set) var isDeferred: [Bool] = []
  /// For filter gradients: the sum of the same dy over all axes but the channels, which oneDNN
  /// computes along with them.
  private(set) var biasGradient: [Int: Int] = [:]
  /// The sums of each elementwise node over some axes, which its region can compute.
  private(set) var sums: [Int: [Int]] = [:]

  /// Classifies every node.
  init(_ graph: Graph, for purpose: ExecutionPurpose) {
    self.graph = graph
    roles = graph.nodes.map { Self.role($0, graph) }
    isLive = Array(repeating: false, count: graph.nodes.count)
    users = Array(repeating: [], count: graph.nodes.count)
    for output in graph.outputs {
      isLive[output.value.index] = true
      users[output.value.index].append(-1)
    }
    for index in graph.nodes.indices.reversed() where isLive[index] {
      for operand in graph.nodes[index].operands {
        isLive[operand.index] = true
        switch roles[index] {
        case .alias, .view: users[operand.index] += users[index]
        case .source, .elementwise, .kernel: users[operand.index].append(index)
        }
      }
    }
    isDeferred = graph.nodes.indices.map(waitsForItsRegion)
    pairBiasGradients(purpose)
    let paired = Set(biasGradient.values)
    for (index, node) in graph.nodes.enumerated() where isLive[index] && !paired.contains(index) {
      guard case .reduce(.sum, _) = node.operation,
        roles[node.operands[0].index] == .elementwise
      else { continue }
      sums[node.operands[0].index, default: []].append(index)
    }
  }

  private func waitsForItsRegion(_ index: Int) -> Bool {
    guard isLive[index], roles[index] == .elementwise else { return false }
    switch graph.nodes[index].operation {
    case .compare, .dot: break
    default: return false
    }
    return users[index].allSatisfy { user in
      user >= 0 && roles[user] == .elementwise && graph.nodes[user].operands.contains(Value(index))
        && graph.nodes[user].type == graph.nodes[index].type
    }
  }

  private mutating func pairBiasGradients(_ purpose: ExecutionPurpose) {
    var sums: [Value: Int] = [:]
    for (index, node) in graph.nodes.enumerated() where isLive[index] {
      if case .reduce(.sum, axes: [0, 2, 3]) = node.operation { sums[node.operands[0]] = index }
    }
    for (index, node) in graph.nodes.enumerated() where isLive[index] {
      if case .convolutionFilterGradient(let window) = node.operation, window.groups == 1,
        !hasOwnKernel(node, window, purpose),
        let sum = sums.removeValue(forKey: node.operands[1])
      {
        biasGradient[index] = sum
      }
    }
  }

  /// Whether a filter gradient is computed by the engine's own loops, without the sum of dy.
  private func hasOwnKernel(
    _ node: Node, _ window: ConvolutionWindow, _ purpose: ExecutionPurpose
  ) -> Bool {
    let geometry = ConvolutionGeometry(
      x: graph[node.operands[0]].type.shape, y: graph[node.operands[1]].type.shape, window)
    let isTransformed =
      purpose.isTraining && WinogradConvolution(.filterGradient, geometry) != nil
    return isTransformed || TapGradientStep.serves(geometry)
  }

  private static func role(_ node: Node, _ graph: Graph) -> Role {
    switch node.operation {
    case .input, .splat, .literal: return .source
    case .reshape, .stopGradient, .withDerivative: return .alias
    case .broadcast, .transpose, .slice: return .view
    case .unary, .binary, .compare, .select: return .elementwise
    case .dot(let transposeLeft, _):
      let inner = graph[node.operands[0]].type.shape[transposeLeft ? 0 : 1]
      return inner == 1 ? .elementwise : .kernel
    case .reduce, .pad, .concatenate, .cholesky, .triangularSolve, .convolution,
      .convolutionInputGradient,
      .convolutionFilterGradient, .sumPool, .sumPoolGradient, .maxPoolSelect, .maxPoolScatter,
      .random:
      return .kernel
    }
  }

  /// Whether a value is its first operand, unchanged.
  func isPassed(_ value: Value) -> Bool {
    switch graph[value].operation {
    case .stopGradient, .withDerivative: true
    default: false
    }
  }

  /// The index space of a value.
  func domain(_ value: Value) -> Domain {
    let type = graph[value].type
    return type.rank == 4 ? .space(type.shape) : .count(type.count)
  }

  /// The computed nodes behind an operand, and whether a fused region must end before it is read.
  func root(of operand: Value) -> (node: Int, isBoundary: Bool)? {
    var (value, isBoundary) = (operand, false)
    while true {
      switch roles[value.index] {
      case .source: return nil
      case .elementwise, .kernel: return (value.index, isBoundary)
      case .alias:
        let next = graph[value].operands[0]
        if domain(next) != domain(value) { isBoundary = true }
        value = next
      case .view:
        isBoundary = true
        value = graph[value].operands[0]
      }
    }
  }

  /// The input that an operand is a view of, if there is one.
  func input(behind operand: Value) -> Int? {
    var value = operand
    while true {
      switch graph[value].operation {
      case .input: return value.index
      default:
        switch roles[value.index] {
        case .alias, .view: value = graph[value].operands[0]
        case .source, .elementwise, .kernel: return nil
        }
      }
    }
  }

  /// The number that all elements of a value are known to equal.
  func number(_ value: Value) -> Double? {
    switch graph[value].operation {
    case .splat(let number): number
    default:
      switch roles[value.index] {
      case .alias, .view: number(graph[value].operands[0])
      case .source, .elementwise, .kernel: nil
      }
    }
  }
}
