import BoundAlgebra
import Enclosure
import Testing

@testable import Certification
@testable import RoundingAnalysis
@testable import LipschitzBounds

/// Linear classifiers, whose nearest other class is known, against rules of the margin with a mistake that
/// somebody has made before.
@Suite struct WrongMarginTests {
  /// F(x) = W x at a point, each executed logit off by at most `error`.
  struct Classifier: Sendable {
    let rows: [[Float]]
    let logits: [Float]
    let label: Int
    var error = 0.0

    static let all = [
      Classifier(rows: [[1], [-1]], logits: [3, -3], label: 0),
      Classifier(rows: [[3, 4], [0, 0]], logits: [5, 0], label: 0),
      Classifier(rows: [[1, 1, 1, 1], [-1, -1, -1, -1]], logits: [4, -4], label: 0),
      // The class with the second largest logit is not the nearest.
      Classifier(rows: [[0, 0], [1, 0], [8, 0]], logits: [4, 3, 0], label: 0),
      Classifier(rows: [[2, 0], [0, 2]], logits: [1, 1], label: 0),
      Classifier(rows: [[2, 0], [0, 2]], logits: [0, -0.0], label: 1),
      Classifier(rows: [[1], [-1]], logits: [2, -2], label: 0, error: 1),
      Classifier(rows: [[1], [-1]], logits: [2, -2], label: 0, error: 2),
    ]

    func difference(_ other: Int) -> [Double] {
      zip(rows[label], rows[other]).map { Double($0) - Double($1) }
    }

    var rivals: [Int] { logits.indices.filter { $0 != label } }

    /// The distance at which the executed class may change, 0 if it is not the label.
    var nearest: Double {
      let distances = rivals.map { other in
        let margin = Double(logits[label]) - Double(logits[other]) - 2 * error
        return margin / norm(difference(other))
      }
      return max(0, distances.min() ?? 0)
    }

    /// The Lipschitz constant of all logits together, by power iteration on WᵀW.
    var lipschitz: Double {
      var v = rows[0].indices.map { 1 + 0.1 * Double($0) }
      var constant = 0.0
      for _ in 0..<200 {
        let size = norm(v)
        let y = rows.map { row in zip(row, v).reduce(0) { $0 + Double($1.0) * $1.1 } / size }
        constant = norm(y)
        v = v.indices.map { j in rows.indices.reduce(0) { $0 + Double(rows[$1][j]) * y[$1] } }
      }
      return constant
    }

    /// What the certifier makes of it.
    func certificate(global: Bool) -> Double {
      let network = UpperBound(proven: lipschitz * (1 + 1e-9))
      let uniform = UpperBound.rootTwo * network
      let distances = PairwiseHead.distances(Array(rows.joined()), count: rows.count)
      let head = PairwiseHead(
        count: rows.count,
        [
          .init(expression: .norm(.init(.headDistance, "head")), values: distances),
          .init(expression: .norm(.network), values: [uniform]),
        ])
      let certifier = MarginTest(bounds: global ? .uniform(uniform) : .pairwise(head))
      let exact = logits.map(Double.init)
      return certifier.certify(
        index: 0, label: label, executed: logits,
        analyzed: .init(
          lower: exact, upper: exact, own: exact.map { _ in UpperBound(proven: error) },
          head: nil, propagated: .norm(.zero)),
        reach: certifier.reach(label: label, logits)
      ).certificate.radius.value
    }
  }

  enum WrongMargin: CaseIterable {
    case rootTwoForgotten, largestDifference, rowOfTheLabel, onlyTheRunnerUp
    case tieCertified, errorHalved, errorForgotten, thousandthMore

    func radius(_ item: Classifier) -> Double {
      let top = Double(item.logits[item.label])
      func margin(_ other: Int) -> Double { top - Double(item.logits[other]) }
      func least(error share: Double = 2, _ constant: (Int) -> Double) -> Double {
        max(0, item.rivals.map { (margin($0) - share * item.error) / constant($0) }.min() ?? 0)
      }
      let right = { norm(item.difference($0)) }
      switch self {
      case .rootTwoForgotten: return least { _ in item.lipschitz }
      case .largestDifference: return least { item.difference($0).map(\.magnitude).max() ?? 0 }
      case .rowOfTheLabel: return least { _ in norm(item.rows[item.label].map(Double.init)) }
      case .onlyTheRunnerUp:
        let runnerUp = item.rivals.max { item.logits[$0] < item.logits[$1] } ?? 0
        return max(0, margin(runnerUp) - 2 * item.error) / right(runnerUp)
      case .tieCertified: return max(least(right), .leastNonzeroMagnitude)
      case .errorHalved: return least(error: 1, right)
      case .errorForgotten: return least(error: 0, right)
      case .thousandthMore: return least(right) * 1.001
      }
    }
  }

  @Test(arguments: WrongMargin.allCases) func isCaught(_ rule: WrongMargin) {
    #expect(Classifier.all.contains { rule.radius($0) > $0.nearest * (1 + 1e-12) })
  }

  /// The certifier's radii hold, and lose no more than it takes for the checker's rounding.
  @Test(arguments: Classifier.all.indices, [false, true])
  func theCertifierIsNotCaught(_ index: Int, isGlobal: Bool) {
    let item = Classifier.all[index]
    let radius = item.certificate(global: isGlobal)
    #expect(radius <= item.nearest)
    if item.nearest == 0 { #expect(radius == 0) }
    if !isGlobal, item.error == 0 { #expect(radius >= item.nearest * (1 - 1e-5)) }
  }
}

private func norm(_ vector: [Double]) -> Double {
  vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
