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
  /// Operations that round nothing, or nothing more: constants added to sums of products, whose terms they are, and
  /// doubled steps along gradients.
  private var unrounded: Set<Int> = []
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
    for index in needed {
      addBias(index)
      if isDoubledStep(index) { unrounded.insert(index) }
    }
    for (place, stage) in stages.stages.enumerated() {
      if let (layer, rate) = growth(in: stage) {
        growth[layer] = SumGrowth(sum: stage.members[0], rate: rate)
        stages.change(sumOf: place) { $0.growth = rate }
      }
    }
    for stage in stages.stages { chains[stage.members[0]] = StageChain(stage, self) }
  }

  /// If a value is a sum of products plus a constant of the same layer, an engine may add the constant anywhere in the
  /// sum.
  ///
  /// What a later layer adds to a sum is rounded there, since others may read the sum without it.
  private mutating func addBias(_ index: Int) {
    guard addsConstants(index), graph.nodes[index].operation != .reshape else { return }
    let operands = graph.nodes[index].operands.map(\.index)
    guard let bias = operands.compactMap({ shared[$0] }).first,
      let sum = operands.first(where: { shared[$0] == nil }).map(unshaped), layers[sum] == nil,
      let stage = stages.stageOf[sum], stages.stages[stage].members[0] == sum,
      case .sum = stages.stages[stage].root
    else { return }
    let isSubtracted = graph.nodes[index].operation == .binary(.subtract)
    stages.change(sumOf: stage) { $0.add(bias, isSubtracted: isSubtracted) }
    unrounded.insert(index)
  }

  private func isDoubledStep(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    return node.operation == .binary(.multiply)
      && node.operands.contains { parts.contains($0.index) }
      && node.operands.contains { operand in
        shared[operand.index].map { factor in
          (factor.exact.lower + factor.exact.upper).allSatisfy { $0 == 2 }
        } ?? false
      }
  }

  /// The format of an operation.
  func format(of index: Int) -> ExecutedFormat {
    unrounded.contains(index) ? format.withoutRounding : format
  }

  /// The value of which another one has the elements in another shape, in the same layer.
  private func unshaped(_ index: Int) -> Int {
    graph.nodes[index].operation == .reshape && layers[index] == nil
      ? unshaped(graph.nodes[index].operands[0].index) : index
  }

  /// A sum of products with what bounds its growth.
  struct SumGrowth {
    let sum: Int
    /// Bounds the norm of all elements' growth, for a distance of 1.
    let rate: UpperBound
  }

  /// The layer that adds at most constants to the sum of a stage, and a bound of the sum's growth; nil if anything
  /// else reads the sum, or if the layer is the last one, whose errors are needed element by element.
  private func growth(in stage: StagePlan.Stage) -> (layer: Int, rate: UpperBound)? {
    guard case .sum(let sum) = stage.root else { return nil }
    var value = stage.members[0]
    while layers[value] == nil {
      let readers = stage.members.filter { reads($0, value) }
      // What other stages read is stored.
      guard readers.count == 1, addsConstants(readers[0]), stages.storage[value] == nil else {
        return nil
      }
      value = readers[0]
    }
    guard value != output.index, let layer = layers[value],
      let constant = layer.propagation.constant
    else { return nil }
    let operand = graph.nodes[stage.members[0]].operands[sum.position].index
    let isLayersOwn = moved(operand) == moved(layer.operands[0].index)
    return sum.jointGrowth(norm: isLayersOwn ? constant : .infinity).map { (value, $0) }
  }

  private func reads(_ reader: Int, _ value: Int) -> Bool {
    graph.nodes[reader].operands.contains { $0.index == value }
  }

  /// Whether a value has one operand that depends on the sample, to which at most constants are added.
  private func addsConstants(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    let isSum = [.binary(.add), .binary(.subtract), .reshape].contains(node.operation)
    return isSum && node.operands.count { shared[$0.index] == nil } == 1
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
