import Enclosure
import MatrixProducts
import TensorGraph

/// The evaluation of one block of samples, stage by stage.
struct BlockEvaluation {
  private let plan: AnalysisPlan
  private let rest: (any AnalyzedOutput.Rest)?
  private let samples: [ArraySlice<Float>]
  private let radii: [UpperBound]
  private var stored: [Int: StoredValue] = [:]
  private var errors: [Int: LayerErrors] = [:]
  private var sums: [Int: LayerSums] = [:]
  /// For sums whose growth is bounded as a whole, how far their operands are from the middles.
  private var distances: [Int: [Double]] = [:]
  /// The output before its middle takes its place.
  private var result: [(first: Int, value: BallEnclosure, carried: [Double])] = []
  /// The error of an element that is read from a layer's output.
  private let readError: Double
  /// The same for a full tile.
  private let readErrors: [Double]

  init(_ evaluator: RoundingEvaluator, samples: [ArraySlice<Float>], radii: [UpperBound]) {
    plan = evaluator.plan
    rest = evaluator.rest
    (self.samples, self.radii) = (samples, radii)
    readError = plan.format.finished(0, magnitude: 0)
    readErrors = Array(repeating: readError, count: Self.tile * LaneProducts.lanes)
  }

  /// The bounds of the first `count` lanes.
  mutating func run(count: Int) -> [AnalyzedOutput] {
    for stage in plan.stages.stages {
      prepare(stage)
      switch stage.root {
      case .input: input(stage)
      case .sum(let sum): tiles(stage, sum)
      case .whole: whole(stage)
      }
      finish(stage)
    }
    return (0..<count).map(output)
  }

  private mutating func prepare(_ stage: StagePlan.Stage) {
    for index in stage.members {
      let type = plan.graph.nodes[index].type
      let isLayer = plan.layers[index] != nil
      if let storage = plan.stages.storage[index] {
        stored[index] = StoredValue(
          type, storage, least: plan.least[index] ?? -.infinity,
          isPoint: isLayer || isInput(stage, index))
      }
      if isLayer { sums[index] = LayerSums(count: type.count) }
    }
  }

  private func isInput(_ stage: StagePlan.Stage, _ index: Int) -> Bool {
    if case .input = stage.root { index == stage.members[0] } else { false }
  }

  private mutating func input(_ stage: StagePlan.Stage) {
    let index = stage.members[0]
    let type = plan.graph.nodes[index].type
    let exact = EnclosingEvaluator.interleave(samples, type)
    let range = exact.around(radii.map(\.value))
    let rounded = RoundedTensor(
      range, error: Array(repeating: readError, count: range.lower.count))
    let value = BallEnclosure(center: exact, rounded: rounded)
    errors[index] = LayerErrors(input: radii)
    tiles(stage, of: value)
    stored[index]?.limit(radii.map(\.value))
  }

  private mutating func tiles(_ stage: StagePlan.Stage, _ sum: SumRounding) {
    let node = plan.graph.nodes[stage.members[0]]
    guard let x = stored[node.operands[sum.position].index] else {
      preconditionFailure("the operand of a sum must be stored")
    }
    let (operand, surroundings) = x.operand(uniformError: readError)
    distances[stage.members[0]] = surroundings.distances
    guard let chain = plan.chains[stage.members[0]] else {
      let least = plan.least[stage.members[0]] ?? -.infinity
      return sum.kernel.forEachTile(operand) { tile in
        run(stage, tile.results, sum.bounds(tile, surroundings, least: least))
      }
    }
    let evaluation = ChainEvaluation(
      chain, readError: readError, sums: sums, stored: stored)
    evaluation.use {
      sum.kernel.forEachTile(operand) { tile in
        sum.forEachVector(tile, surroundings) { element, lane, ball in
          evaluation.run(ball, tile.results.lowerBound + element, lane)
        }
      }
    }
  }

  /// An operation that reads its operands as a whole.
  private mutating func whole(_ stage: StagePlan.Stage) {
    let index = stage.members[0]
    let node = plan.graph.nodes[index]
    let operands = node.operands.map { operand in
      stored[operand.index]?.value ?? BallEnclosure(constant: plan.shared[operand.index]!)
    }
    let exact = EnclosingEvaluator.evaluate(node, operands.map(\.rounded.exact))
    let undecided = plan.selections[index]?.evaluate(
      plan.graph, node.operands[1...], plan.format
    ) { stored[$0.index]?.value.rounded ?? plan.shared[$0.index]! }
    let value = BallEnclosure(
      center: EnclosingEvaluator.evaluate(node, operands.map(\.center)),
      rounded: RoundingRule.result(
        node, operands.map(\.rounded), exact: exact, undecided: undecided, plan.format))
    tiles(stage, of: value)
    if node.operation.keepsDistances, plan.layers[index] == nil,
      let distances = stored[node.operands[0].index]?.distances
    {
      stored[index]?.limit(distances)
    }
  }

  /// Elements of a tile of values that are known as a whole.
  private static let tile = 96

  private mutating func tiles(_ stage: StagePlan.Stage, of value: BallEnclosure) {
    let count = value.center.type.count
    for start in stride(from: 0, to: count, by: Self.tile) {
      let range = start..<min(start + Self.tile, count)
      run(stage, range, value.slice(range))
    }
  }

  /// The values of a stage for some elements.
  private mutating func run(
    _ stage: StagePlan.Stage, _ range: Range<Int>, _ root: BallEnclosure
  ) {
    var tile = Tile(range: range, values: [:])
    for index in stage.members {
      let value = index == stage.members[0] ? root : elementwise(index, tile)
      let final = plan.layers[index].map { layerOutput($0, value, tile) } ?? value
      if index == plan.output.index {
        result.append((range.lowerBound, value, final.carried))
      }
      tile.values[index] = final
      stored[index]?.fill(range, final)
    }
  }

  /// Some elements of the values of a stage.
  private struct Tile {
    let range: Range<Int>
    var values: [Int: BallEnclosure]
  }

  private func value(_ operand: Value, _ tile: Tile) -> BallEnclosure {
    if let known = tile.values[operand.index] { return known }
    if let known = stored[operand.index] { return known.elements(tile.range) }
    return BallEnclosure(constant: plan.shared[operand.index]!.slice(tile.range))
  }

  private func elementwise(_ index: Int, _ tile: Tile) -> BallEnclosure {
    let node = plan.graph.nodes[index]
    let operands = node.operands.map { value($0, tile) }
    if node.operation == .reshape || node.operation == .stopGradient {
      return BallEnclosure(center: operands[0].center, rounded: operands[0].rounded)
    }
    let exact = EnclosingEvaluator.evaluate(node, operands.map(\.rounded.exact))
    let undecided = plan.selections[index]?.evaluate(
      plan.graph, node.operands[1...], plan.format
    ) { value($0, tile).rounded }
    return BallEnclosure(
      center: EnclosingEvaluator.evaluate(node, operands.map(\.center)),
      rounded: RoundingRule.result(
        node, operands.map(\.rounded), exact: exact, undecided: undecided,
        plan.format(of: index)))
  }

  /// Elements of a layer's output: known middles in place of the exact values, and executed ones.
  private mutating func layerOutput(
    _ layer: AnalyzedLayer, _ value: BallEnclosure, _ tile: Tile
  ) -> BallEnclosure {
    let index = layer.value.index
    let operands = layer.propagation.isElementwise ? layer.operands : []
    let incoming = operands.filter { plan.carried.contains($0.index) }.map { operand in
      tile.values[operand.index]?.carried ?? stored[operand.index]?.carried?.array(tile.range) ?? []
    }
    let carried = layer.carry(incoming, result: value.rounded)
    let (middle, half) = value.center.middleAndHalf
    sums[index]?.add(halves: half, carried: carried)
    let range = value.rounded.executed
    let isFullTile = carried.count == readErrors.count
    let rounded = RoundedTensor(
      range,
      error: isFullTile ? readErrors : Array(repeating: readError, count: carried.count),
      least: value.rounded.least)
    let center = IntervalTensor(value.center.type, lanes: value.center.lanes, exactly: middle)
    return BallEnclosure(center: center, rounded: rounded, carried: carried)
  }

  /// What is known of the stage's layers once all elements are, and the end of values that are not read
  /// again.
  private mutating func finish(_ stage: StagePlan.Stage) {
    for index in stage.members {
      guard let layer = plan.layers[index], let sum = sums[index] else { continue }
      let operands = layer.operands.map { operand in
        (errors: errors[operand.index]!, isCarried: plan.carried.contains(operand.index))
      }
      let parts = layer.propagation.parts.map { (errors: errors[$0.value.index]!, gain: $0.gain) }
      let found = LayerErrors(
        layer, radii: radii, operands: operands, sums: sum, growth: growth(of: index),
        parts: parts,
        // The output's errors are known element by element.
        isCarried: plan.carried.contains(index) || index == plan.output.index)
      errors[index] = found
      stored[index]?.limit(found.distances.map(\.value))
    }
    for index in stage.lastReads { stored[index] = nil }
  }

  /// The norm of the growth of a layer's sums; 0 if that is among the errors of the elements.
  private func growth(of index: Int) -> [UpperBound] {
    guard let growth = plan.growth[index], let distances = distances[growth.sum] else {
      return radii.map { _ in .zero }
    }
    return distances.map { growth.rate * UpperBound(proven: $0) }
  }

  /// The bounds of one lane.
  private func output(_ lane: Int) -> AnalyzedOutput {
    var (lower, upper, own) = ([Double](), [Double](), [UpperBound]())
    let spread = errors[plan.output.index]?.offset[lane].value ?? 0
    let head = head(lane)
    for (_, value, carried) in result.sorted(by: { $0.first < $1.first }) {
      let elementErrors = head != nil || carried.isEmpty ? value.rounded.error : carried
      for i in stride(from: lane, to: value.center.lower.count, by: LaneProducts.lanes) {
        let (low, high) = (value.center.lower[i], value.center.upper[i])
        lower.append(spread == 0 ? low : below(low - spread))
        upper.append(spread == 0 ? high : above(high + spread))
        own.append(UpperBound(proven: elementErrors[i]))
      }
    }
    return AnalyzedOutput(
      lower: lower, upper: upper, own: own, head: head,
      propagated: propagated(lane, isMatrix: head != nil))
  }

  private func head(_ lane: Int) -> AnalyzedOutput.Head? {
    guard let layer = plan.layers[plan.output.index],
      case .matrix(let rows, _) = layer.propagation
    else { return nil }
    let operand = layer.operands[0].index
    let columns = rows.count / max(1, plan.graph[plan.output].type.count)
    let isCarried = plan.carried.contains(operand)
    let carried = isCarried ? stored[operand]?.carried(lane: lane) : nil
    return AnalyzedOutput.Head(
      rows: rows, carried: carried ?? Array(repeating: 0, count: columns),
      euclidean: rest == nil ? errors[operand]!.euclidean[lane] : .zero)
  }

  private func propagated(_ lane: Int, isMatrix: Bool) -> AnalyzedOutput.Propagated {
    guard plan.layers[plan.output.index] != nil else { return .norm(.zero) }
    guard let rest else {
      let incoming = errors[plan.output.index]?.euclidean[lane] ?? .infinity
      return .norm(isMatrix ? .zero : incoming)
    }
    let launched = errors.sorted { $0.key < $1.key }.compactMap { index, errors in
      plan.parts.contains(index) ? nil : (layer: index, norm: errors.launched[lane])
    }
    return .launched(launched, rest)
  }
}
