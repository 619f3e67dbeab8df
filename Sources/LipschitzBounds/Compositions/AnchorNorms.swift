import BoundAlgebra
import Dispatch
import Enclosure
import ModelIR
import Synchronization

/// Guaranteed norms of the operators of one anchor.
struct AnchorNorms: Sendable {
  let anchor: CompositionPlan.Anchor
  let norms: [LinearMaps.ID: NormBound]
  /// The constants of the chain of dense layers that ends here.
  let chain: QuadraticChain?
  /// ‖rᵢ − rⱼ‖ of the rows of operators that end in the output, [K, K] row-major.
  let distances: [LinearMaps.ID: [UpperBound]]

  /// Operations that composed operators may take in all, for a certificate.
  private static let certificateTotal = 2e11
  /// The most outputs whose pairs are told apart.
  private static let mostOutputs = 256

  /// All anchors by position, concurrently; the same numbers on any number of cores.
  static func all(
    _ plan: CompositionPlan, layerNorms: OperatorNorms, effort: NormEffort, output: Int,
    weights: @Sendable @escaping (String) -> [Float]
  ) -> [Int: AnchorNorms] {
    let limit = limit(plan, effort)
    guard limit > 0 else { return [:] }
    let found = Mutex<[Int: AnchorNorms]>([:])
    DispatchQueue.concurrentPerform(iterations: plan.anchors.count) { index in
      // The last anchors look back furthest; they go first.
      let anchor = plan.anchors[plan.anchors.count - 1 - index]
      var norms = MapNorms(plan.maps, layerNorms: layerNorms, weights: weights, limit: limit)
      let chain = anchor.chain.flatMap { $0.cost <= limit ? $0.bound(weights) : nil }
      let result = AnchorNorms(
        anchor, isOutput: anchor.position == output, plan.maps, &norms, chain)
      found.withLock { $0[anchor.position] = result }
    }
    return found.withLock { $0 }
  }

  private init(
    _ anchor: CompositionPlan.Anchor, isOutput: Bool, _ maps: LinearMaps, _ norms: inout MapNorms,
    _ chain: QuadraticChain?
  ) {
    var bounds: [LinearMaps.ID: NormBound] = [:]
    var distances: [LinearMaps.ID: [UpperBound]] = [:]
    // Parts before what they are part of, so that those are there when a product falls back on them.
    for map in Set(anchor.snapshots.flatMap { $0.terms.map(\.map) }).sorted() {
      bounds[map] = norms.bound(map)
      if isOutput, maps.outputCount(map) <= Self.mostOutputs, let matrix = norms.rows(map) {
        let count = matrix.rows
        distances[map] = (0..<count * count).map { index in
          let (i, j) = (index / count, index % count)
          return i == j ? .zero : matrix.distance(i, j)
        }
      }
    }
    self.anchor = anchor
    self.norms = bounds
    self.distances = distances
    self.chain = chain
  }

  /// The most operations a single operator may take: the dearest that is still paid when the cheapest
  /// are served first.
  private static func limit(_ plan: CompositionPlan, _ effort: NormEffort) -> Double {
    let total: Double =
      switch effort {
      case .certificate: certificateTotal
      case .operations(let count): count
      }
    let maps = Set(plan.anchors.flatMap { $0.snapshots.flatMap { $0.terms.map(\.map) } })
    // What no effort could bound jointly must not take a share of it.
    let costs = maps.compactMap { MapNorms.cost(of: $0, in: plan.maps) }.filter { $0 <= total }
    let chains = plan.anchors.compactMap(\.chain?.cost)
    return limit(total, costs: (costs + chains).sorted())
  }

  private static func limit(_ total: Double, costs: [Double]) -> Double {
    var left = total
    for (index, cost) in costs.enumerated() {
      let share = left / Double(costs.count - index)
      if cost > share { return share }
      left -= cost
    }
    return costs.isEmpty ? 0 : max(left, costs[costs.count - 1])
  }
}
