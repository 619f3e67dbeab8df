import BoundAlgebra
import Dispatch
import Enclosure
import ModelIR
import Synchronization

/// Guaranteed norms of the operators in the sums of one planned node.
struct PlannedNodeNorms: Sendable {
  let node: CompositionPlan.PlannedNode
  let norms: [LinearMaps.ID: NormBound]
  /// The certified chain of dense layers that ends here.
  let chain: QuadraticChain?
  /// For operators that end in the output, ‖rᵢ − rⱼ‖ of their rows, [K, K] row-major.
  let distances: [LinearMaps.ID: [UpperBound]]

  /// The operations for all composed operators of a certificate.
  private static let certificateTotal = 2e11
  /// With more outputs, pairs are not bounded one by one.
  private static let mostOutputs = 256

  /// All planned nodes by position, concurrently; the numbers do not depend on the number of cores.
  static func all(
    _ plan: CompositionPlan, layerNorms: OperatorNorms, effort: NormEffort, output: Int,
    weights: @Sendable @escaping (String) -> [Float]
  ) -> [Int: PlannedNodeNorms] {
    let limit = limit(plan, effort)
    guard limit > 0 else { return [:] }
    let found = Mutex<[Int: PlannedNodeNorms]>([:])
    DispatchQueue.concurrentPerform(iterations: plan.nodes.count) { index in
      // The last nodes reach back furthest, so they go first.
      let node = plan.nodes[plan.nodes.count - 1 - index]
      var norms = ComposedMapNorms(
        plan.maps, layerNorms: layerNorms, weights: weights, limit: limit)
      let chain = node.chain.flatMap { $0.cost <= limit ? $0.bound(weights) : nil }
      let result = PlannedNodeNorms(
        node, isOutput: node.position == output, plan.maps, &norms, chain)
      found.withLock { $0[node.position] = result }
    }
    return found.withLock { $0 }
  }

  private init(
    _ node: CompositionPlan.PlannedNode, isOutput: Bool, _ maps: LinearMaps,
    _ norms: inout ComposedMapNorms,
    _ chain: QuadraticChain?
  ) {
    var bounds: [LinearMaps.ID: NormBound] = [:]
    var distances: [LinearMaps.ID: [UpperBound]] = [:]
    // Parts come before the maps that contain them, since a product may fall back on its parts.
    for map in Set(node.sums.flatMap { $0.terms.map(\.map) }).sorted() {
      bounds[map] = norms.bound(map)
      if isOutput, maps.outputCount(map) <= Self.mostOutputs, let matrix = norms.rows(map) {
        let count = matrix.rows
        distances[map] = (0..<count * count).map { index in
          let (i, j) = (index / count, index % count)
          return i == j ? .zero : matrix.distance(i, j)
        }
      }
    }
    self.node = node
    self.norms = bounds
    self.distances = distances
    self.chain = chain
  }

  /// The most operations that one operator may take.
  private static func limit(_ plan: CompositionPlan, _ effort: NormEffort) -> Double {
    let total: Double =
      switch effort {
      case .certificate: certificateTotal
      case .operations(let count): count
      }
    let maps = Set(plan.nodes.flatMap { $0.sums.flatMap { $0.terms.map(\.map) } })
    // Operators that cannot be bounded jointly, whatever the effort, get no share.
    let costs = maps.compactMap { ComposedMapNorms.cost(of: $0, in: plan.maps) }.filter {
      $0 <= total
    }
    let chains = plan.nodes.compactMap(\.chain?.cost)
    let all = (costs + chains).sorted()
    return all.isEmpty ? 0 : MethodChoice.limit(total, costs: all)
  }
}
