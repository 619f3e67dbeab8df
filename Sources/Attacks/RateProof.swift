import Enclosure
import Execution
import RoundingAnalysis

/// Lower bounds on the rate at which a map changes between two points, from enclosures of their images.
struct RateProof {
  private let claim: Contradiction.Claim
  private let evaluator: EnclosingEvaluator

  /// Rates of the map that a constant is claimed of.
  init(_ claim: Contradiction.Claim, part: NetworkPart, _ context: SearchContext) {
    self.claim = claim
    evaluator = EnclosingEvaluator(
      PartGraph(part, of: context.model, batch: 1).graph, fed: PartGraph.points
    ) { context.weights.elements(of: $0) }
  }

  /// A rate for each pair of points.
  func rates(_ pairs: [[[Float]]]) -> [LowerBound] {
    let images = evaluator.enclose(pairs.flatMap { $0.map { $0[...] } }, output: PartGraph.images)
    return pairs.indices.map { index in
      let distance = PointDistance.upper(pairs[index][0], pairs[index][1])
      guard distance > 0 else { return .zero }
      let change = change(images[2 * index], images[2 * index + 1])
      return LowerBound(proven: (change.value / distance).nextDown)
    }
  }

  /// ‖f(b) − f(a)‖ from below, or |(F_i − F_j)(b) − (F_i − F_j)(a)|.
  private func change(
    _ a: (lower: [Double], upper: [Double]), _ b: (lower: [Double], upper: [Double])
  ) -> LowerBound {
    if case .pair(let i, let j) = claim {
      let rows = [a, b].map { ExactLogits.Row(lower: $0.lower, upper: $0.upper) }
      return LowerBound(proven: SlopeProof.change(rows[0], rows[1], i, j))
    }
    let magnitudes = a.lower.indices.map { index in
      let rise = (b.lower[index] - a.upper[index]).nextDown
      let fall = (a.lower[index] - b.upper[index]).nextDown
      return max(rise, fall, 0)
    }
    return AccumulatedError.euclideanNorm(magnitudes).lower
  }
}
