import BoundAlgebra
import Enclosure
import MatrixProducts
import ModelIR

/// Guaranteed norms of the operators in the sums of one planned node.
struct PlannedNodeNorms: Sendable {
  let node: CompositionPlan.PlannedNode
  let norms: [LinearMaps.ID: NormBound]
  /// The certified chain of dense layers that ends here.
  let chain: QuadraticChain?
  /// What multipliers prove of the parts that end here.
  let regions: [RegionBound]
  /// For operators that end in the output, ‖rᵢ − rⱼ‖ of their rows, [K, K] row-major.
  let distances: [LinearMaps.ID: [UpperBound]]

  /// The multiplications for all composed operators of a certificate.
  private static let certificateTotal = 1.2e11
  /// With more outputs, pairs are not bounded one by one.
  private static let mostOutputs = 256

  /// All planned nodes by position; the numbers do not depend on the number of workers.
  static func all(
    _ plan: CompositionPlan, layerNorms: OperatorNorms, effort: NormEffort, search: BoundEffort,
    output: Int, workers: Workers, observer: BoundProgress.Observer,
    weights: @Sendable @escaping (String) -> [Float]
  ) -> [Int: PlannedNodeNorms] {
    let limit = limit(plan, effort)
    var norms = ComposedMapNorms(
      plan.maps, layerNorms: layerNorms, weights: weights, limit: limit, workers: workers)
    norms.prepare(plan.usedMaps)
    let chains = workers.map(plan.nodes.count) { index in
      plan.nodes[index].chain.flatMap { $0.cost <= limit ? $0.bound(weights, workers) : nil }
    }
    let regions = regions(
      plan, layerNorms, search, output: output, workers, weights, observer)
    var found: [Int: PlannedNodeNorms] = [:]
    for (node, chain) in zip(plan.nodes, chains) {
      found[node.position] = PlannedNodeNorms(
        node, isOutput: node.position == output, plan.maps, &norms, chain,
        regions[node.position] ?? [], workers)
    }
    return found
  }

  private init(
    _ node: CompositionPlan.PlannedNode, isOutput: Bool, _ maps: LinearMaps,
    _ norms: inout ComposedMapNorms, _ chain: QuadraticChain?,
    _ regions: [RegionBound], _ workers: Workers
  ) {
    var bounds: [LinearMaps.ID: NormBound] = [:]
    var distances: [LinearMaps.ID: [UpperBound]] = [:]
    for map in Set(node.sums.flatMap { $0.terms.map(\.map) }).sorted() {
      bounds[map] = norms.bound(map)
      if isOutput, maps.outputCount(map) <= Self.mostOutputs, let matrix = norms.rows(map) {
        distances[map] = matrix.distances(workers)
      }
    }
    self.node = node
    self.norms = bounds
    self.distances = distances
    self.chain = chain
    self.regions = regions
  }

  /// The multipliers that are found within an effort, by position; the cheapest parts come first.
  private static func regions(
    _ plan: CompositionPlan, _ layerNorms: OperatorNorms, _ search: BoundEffort, output: Int,
    _ workers: Workers, _ weights: @Sendable (String) -> [Float], _ observer: BoundProgress.Observer
  ) -> [Int: [RegionBound]] {
    var budget = search.operations
    var found: [Int: [RegionBound]] = [:]
    let regions = plan.nodes.flatMap { node in
      // The largest part bounds pairs of logits best.
      let affordable = node.regions.filter { $0.cost <= search.operations }
      return affordable.enumerated().map { index, region in
        (node.position, region, isLargest: index == affordable.count - 1)
      }
    }
    for (position, region, isLargest) in regions.sorted(by: { $0.1.cost < $1.1.cost }) {
      let pairs = position == output && isLargest ? search.pairs : nil
      guard region.cost <= budget,
        let bound = RegionBound(
          region, known: region.product(layerNorms), pairs: pairs, weights, workers,
          observer: observer)
      else { continue }
      budget -= bound.cost
      found[position, default: []].append(bound)
    }
    return found
  }

  /// The most operations that one operator may take.
  private static func limit(_ plan: CompositionPlan, _ effort: NormEffort) -> Double {
    let total: Double =
      switch effort {
      case .certificate: certificateTotal
      case .operations(let count): count
      }
    // Operators that cannot be bounded jointly, whatever the effort, get no share.
    let costs = plan.usedMaps.compactMap { ComposedMapNorms.cost(of: $0, in: plan.maps) }.filter {
      $0 <= total
    }
    let chains = plan.nodes.compactMap(\.chain?.cost)
    let all = (costs + chains).sorted()
    return all.isEmpty ? 0 : MethodChoice.limit(total, costs: all)
  }
}

extension BoundEffort {
  /// The operations that searches for the multipliers of the network may take.
  fileprivate var operations: Double {
    switch self {
    case .quick: 0
    case .standard: 1e11
    case .thorough: 1e13
    }
  }

  /// Those for pairs of logits: how often as many as the network's own search took, and the most.
  fileprivate var pairs: (share: Double, most: Double) {
    switch self {
    case .quick, .standard: (1, 1e10)
    case .thorough: (.infinity, 1e13)
    }
  }
}

extension CompositionPlan {
  /// The operators that occur in sums, parts first.
  fileprivate var usedMaps: [LinearMaps.ID] {
    Set(nodes.flatMap { $0.sums.flatMap { $0.terms.map(\.map) } }).sorted()
  }
}
