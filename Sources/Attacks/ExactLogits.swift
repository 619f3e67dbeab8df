import Compiler
import Dispatch
import Execution
import RoundingAnalysis
import Synchronization

/// The exact logits of chosen points, enclosed: what tells a contradiction from float32 rounding.
struct ExactLogits: Sendable {
  /// Enclosures of one point's logits.
  struct Row: Sendable {
    let lower: [Double]
    let upper: [Double]

    /// Whether some other logit is certain to reach the label's.
    func isMisclassified(label: Int) -> Bool {
      lower.indices.contains { $0 != label && lower[$0] >= upper[label] }
    }

    /// An upper bound on F_i − F_j.
    func upperDifference(_ i: Int, _ j: Int) -> Double { (upper[i] - lower[j]).nextUp }

    /// A lower bound on F_i − F_j.
    func lowerDifference(_ i: Int, _ j: Int) -> Double { (lower[i] - upper[j]).nextDown }
  }

  private let evaluator: EnclosingEvaluator

  /// Points enclosed side by side.
  private static let lanes = 32

  init(_ context: SearchContext) {
    let graph = Prediction(model: context.model, batch: 1).graph
    evaluator = EnclosingEvaluator(graph, fed: Prediction.images) {
      context.weights.elements(of: $0)
    }
  }

  /// The rows of points, on all cores.
  func rows(_ points: [[Float]]) -> [Row] {
    let blocks = (points.count + Self.lanes - 1) / Self.lanes
    let results = Mutex<[[Row]]>(Array(repeating: [], count: blocks))
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      let range = block * Self.lanes..<min(points.count, (block + 1) * Self.lanes)
      let rows = evaluator.enclose(range.map { points[$0][...] }, output: Prediction.logits)
        .map { Row(lower: $0.lower, upper: $0.upper) }
      results.withLock { $0[block] = rows }
    }
    return results.withLock { $0.flatMap { $0 } }
  }
}

/// ‖a − b‖ of float32 points, rounded up.
enum PointDistance {
  /// Not below the distance.
  static func upper(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
    var sum = 0.0
    for (x, y) in zip(a, b) {
      let difference = Double(x) - Double(y)
      sum += difference * difference
    }
    // Differences, squares and sums each round once: n + 3 roundings of terms of one sign.
    return (sum * (1 + Double(a.count + 4) * 0x1p-52)).squareRoot().nextUp
  }
}
