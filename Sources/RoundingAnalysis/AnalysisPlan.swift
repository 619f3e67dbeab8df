import Enclosure
import TensorGraph

/// The part of the analysis that does not depend on the sample: constants, coefficients and stages.
struct AnalysisPlan: Sendable {
  let graph: Graph
  let output: Value
  let format: ExecutedFormat
  /// The layers by the node of their value; empty if errors propagate element by element throughout.
  let layers: [Int: AnalyzedLayer]
  /// The layers whose error their only reader carries on.
  let carried: Set<Int>
  /// Values that do not depend on the sample.
  private(set) var shared: [Int: RoundedTensor] = [:]
  private(set) var selections: [Int: UndecidedSelection] = [:]
  /// Lower bounds on all executed elements of a value.
  private(set) var least: [Int: Double] = [:]
  /// The layers whose sum's growth is bounded as a whole.
  private(set) var growth: [Int: SumGrowth] = [:]
  /// The values inside steps along gradients.
  let parts: Set<Int>
  private(set) var stages: StagePlan
  /// The stages that are chains, by their first value.
  private(set) var chains: [Int: StageChain] = [:]
  private let fed: String

  init(
    _ graph: Graph, fed: String, output: Value, layers: [AnalyzedLayer], _ format: ExecutedFormat,
    weights: (String) -> [Float]
  ) {
    self.graph = graph
    self.output = output
    self.format = format
    self.fed = fed
    let usable = AnalyzedLayer.usable(layers, in: graph, fed: fed, output: output)
    self.layers = usable
    carried = AnalyzedLayer.carried(usable, output: output)
    parts = Set(usable.values.flatMap { $0.propagation.parts.map(\.value.index) })
    stages = StagePlan(graph)
    // A layer that simplification has bypassed still propagates its error.
    let needed = graph.indices(behind: [output] + usable.values.map(\.value))
    var reads: [Int: Set<Int>] = [:]
    for index in needed { reads[index] = add(index, weights) }
    for (index, layer) in usable {
      for operand in layer.operands where carried.contains(operand.index) {
        reads[index, default: []].insert(operand.index)
        stages.carry(operand.index, to: index)
      }
    }
    let head = usable[output.index]?.operands.map(\.index) ?? []
    stages.finish(reads: reads, keeping: Set(head + [output.index]))
    for stage in stages.stages {
      for index in stage.members { growth[index] = growth(of: index, in: stage) }
      chains[stage.members[0]] = StageChain(stage, self)
    }
  }

  /// A sum of products with what bounds its growth.
  struct SumGrowth {
    let sum: Int
    /// Bounds the norm of all elements' growth, for a distance of 1.
    let rate: UpperBound
  }

  /// Nil unless the layer adds at most constants to the sum of its stage; elements of the output are not needed
  /// as a vector.
  private func growth(of index: Int, in stage: StagePlan.Stage) -> SumGrowth? {
    guard index != output.index, let layer = layers[index],
      let constant = layer.propagation.constant, case .sum(let sum) = stage.root
    else { return nil }
    var value = index
    while value != stage.members[0] {
      guard let summand = summand(of: value), layers[summand] == nil else { return nil }
      value = summand
    }
    let operand = graph.nodes[value].operands[sum.position].index
    let isLayersOwn = moved(operand) == moved(layer.operands[0].index)
    return sum.jointGrowth(norm: isLayersOwn ? constant : .infinity).map {
      SumGrowth(sum: value, rate: $0)
    }
  }

  /// The value to which only constants are added; nil if a value is more than that.
  private func summand(of index: Int) -> Int? {
    let node = graph.nodes[index]
    let varying = node.operands.filter { shared[$0.index] == nil }
    let isSum = [.binary(.add), .binary(.subtract), .reshape].contains(node.operation)
    return isSum && varying.count == 1 ? varying[0].index : nil
  }

  /// The value of which another one has the elements.
  private func moved(_ index: Int) -> Int {
    guard layers[index] == nil, graph.nodes[index].operation.keepsDistances else { return index }
    return moved(graph.nodes[index].operands[0].index)
  }

  /// Adds the next value; returns those that it reads and that depend on the sample.
  private mutating func add(_ index: Int, _ weights: (String) -> [Float]) -> Set<Int> {
    let node = graph.nodes[index]
    if case .input(let name) = node.operation {
      guard name != fed else {
        stages.append(index, sum: nil, operands: [])
        least[index] = -.infinity
        return []
      }
      let exact = IntervalTensor(node.type, lanes: 1, exactly: weights(name).map { Double($0) })
      share(index, RoundedTensor(stored: exact, format))
      return []
    }
    let varying = node.operands.indices.filter { shared[node.operands[$0].index] == nil }
    guard !varying.isEmpty else {
      share(index, constant(index))
      return []
    }
    least[index] = RoundingRule.least(node, node.operands.map { least[$0.index] ?? -.infinity })
    var reads = Set(varying.map { node.operands[$0].index })
    if case .select = node.operation {
      selections[index] = UndecidedSelection(graph, select: index)
      let others = selections[index]?.reads(in: graph) ?? []
      reads.formUnion(others.filter { shared[$0] == nil })
    }
    let sum = node.operation.isSum ? sum(node, varying: varying) : nil
    stages.append(
      index, sum: sum, operands: reads, isSeparate: reads.contains(where: needsDistances))
    return reads
  }

  /// Whether the range of a layer's output may be far wider than its distances over the ball, which are
  /// known when all elements are: unless the layer is a sum of products with a bias, or passes its ranges on
  /// element by element.
  private func needsDistances(_ index: Int) -> Bool {
    guard let layer = layers[index] else { return false }
    switch layer.propagation {
    case .elementwise, .sum: return false
    case .lipschitz, .matrix, .concatenation, .gradientStep: return !isAffine(index)
    }
  }

  private func isAffine(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    if node.operation.isSum { return true }
    let varying = node.operands.filter { shared[$0.index] == nil }
    switch node.operation {
    case .binary(.add), .binary(.subtract), .binary(.multiply), .reshape:
      return varying.count == 1 && isAffine(varying[0].index)
    default:
      return false
    }
  }

  private mutating func share(_ index: Int, _ value: RoundedTensor) {
    shared[index] = value
    least[index] = value.least
  }

  private func sum(_ node: Node, varying operands: [Int]) -> SumRounding {
    precondition(operands.count <= 1, "only one operand may depend on the sample")
    let position = operands.first ?? 0
    let other = node.operands.indices.first { $0 != position }
    return SumRounding(
      node, varying: position, types: node.operands.map { graph[$0].type },
      other: other.flatMap { shared[node.operands[$0].index] }, format)
  }

  private func constant(_ index: Int) -> RoundedTensor {
    let node = graph.nodes[index]
    let operands = node.operands.map { shared[$0.index]! }
    if node.operation.isSum {
      let least = RoundingRule.least(node, operands.map(\.least))
      return sum(node, varying: []).constant(operands[0], least: least)
    }
    let exact = EnclosingEvaluator.evaluate(node, operands.map(\.exact))
    let undecided = UndecidedSelection(graph, select: index)?.evaluate(
      graph, node.operands[1...], format
    ) { shared[$0.index]! }
    return RoundingRule.result(node, operands, exact: exact, undecided: undecided, format)
  }
}

extension Graph {
  /// The nodes of some values and all nodes that they depend on, in order.
  func indices(behind values: [Value]) -> [Int] {
    var isNeeded = Array(repeating: false, count: nodes.count)
    for value in values { isNeeded[value.index] = true }
    for index in nodes.indices.reversed() where isNeeded[index] {
      for operand in nodes[index].operands { isNeeded[operand.index] = true }
    }
    return nodes.indices.filter { isNeeded[$0] }
  }
}
