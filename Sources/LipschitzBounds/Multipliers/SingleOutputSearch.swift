import Glibc
import MatrixProducts

/// Looks for the multipliers λ with which the constant of a ``NeuronForm`` with one output is least.
///
/// With Δz = WₛΔs + WᵤΔu and Δy = cₛ·Δs + cᵤ·Δu, the least square that Λ proves is f(λ) = ‖cₛ‖² + kᵀK⁻¹k with
/// K = 2Λ − ΛWᵤ − WᵤᵀΛ − ΛWₛWₛᵀΛ ≻ 0 and k = cᵤ + ΛWₛcₛ. It is the maximum of 2kᵀu − uᵀKu, so ∂f/∂λᵢ = −2uᵢ(uᵢ − zᵢ)
/// where u = K⁻¹k and z is Δz at Δs = cₛ + WₛᵀΛu. Unlike the constant of several outputs, f is smooth; it is minimized
/// in log λ by the limited-memory BFGS method (Nocedal 1980), with steps that are halved until K ≻ 0 and f falls.
/// Nothing that is proved depends on what is found here.
///
/// Cost: a factorization of order n for n neurons, 20 to 60 times.
struct SingleOutputSearch {
  /// Multipliers, and the square that they prove up to rounding.
  struct Point {
    let multipliers: [Double]
    let square: Double
    /// ∂f/∂ log λ.
    let gradient: [Double]
  }

  private let couplings: SquareMatrix
  private let rows: ReadingRows
  /// cᵤ, Wₛcₛ and ‖cₛ‖².
  private let output: [Double]
  private let outputProducts: [Double]
  private let outputSquare: Double
  /// The factorizations that were tried.
  private(set) var evaluations = 0

  private static let mostEvaluations = 80
  private static let memory = 10
  private static let (sufficient, finalGain) = (1e-4, 2e-5)

  /// - Parameters:
  ///   - form: with one output.
  ///   - couplings: Wᵤ, which forms with the same neurons share.
  ///   - rows: the products of the form's rows.
  init(_ form: NeuronForm, couplings: SquareMatrix, rows: ReadingRows) {
    (self.couplings, self.rows) = (couplings, rows)
    var output = Array(repeating: 0.0, count: form.neurons)
    for term in form.output where term.source > 0 {
      let first = form.blocks[term.source].lowerBound - form.inputs
      for (j, value) in term.elements.enumerated() { output[first + j] += value }
    }
    let last = form.neurons
    self.output = output
    outputProducts = (0..<last).map { rows.gram.elements[rows.gram.layout.offset(last, $0)] }
    outputSquare = rows.gram.diagonal(last)
  }

  /// About the operations of one evaluation.
  static func costOfEvaluation(neurons: Int) -> Double {
    let n = Double(neurons)
    return n * n * n / 3 + 20 * n * n
  }

  /// The best multipliers found; nil if those at the start prove nothing.
  mutating func run(from start: [Double]) -> Point? {
    guard var point = point(start) else { return nil }
    var history: [(step: [Double], change: [Double], product: Double)] = []
    var small = 0
    while evaluations < Self.mostEvaluations, small < 3 {
      let direction = Self.direction(point.gradient, history)
      guard let next = next(after: point, along: direction) else {
        if history.isEmpty { break }
        history = []
        continue
      }
      small = next.square < point.square * (1 - Self.finalGain) ? 0 : small + 1
      let step = zip(next.multipliers, point.multipliers).map { log($0 / $1) }
      let change = zip(next.gradient, point.gradient).map { $0 - $1 }
      let product = Self.dot(step, change)
      if product > 0 {
        history.append((step, change, product))
        if history.count > Self.memory { history.removeFirst() }
      }
      point = next
    }
    return point
  }

  /// The first point along a direction at which f is sufficiently lower.
  private mutating func next(after point: Point, along direction: [Double]) -> Point? {
    let slope = Self.dot(direction, point.gradient)
    guard slope < 0 else { return nil }
    let longest = direction.reduce(0) { max($0, $1.magnitude) }
    var length = min(1, 1 / longest)
    while evaluations < Self.mostEvaluations, length * longest > 1e-9 {
      let multipliers = zip(point.multipliers, direction).map {
        $0 * exp(length * $1)
      }
      if let next = self.point(multipliers),
        next.square <= point.square + Self.sufficient * length * slope
      {
        return next
      }
      length /= 2
    }
    return nil
  }

  /// The product of the approximate inverse Hessian with the gradient, negated.
  private static func direction(
    _ gradient: [Double], _ history: [(step: [Double], change: [Double], product: Double)]
  ) -> [Double] {
    var q = gradient
    var factors: [Double] = []
    for pair in history.reversed() {
      let factor = dot(pair.step, q) / pair.product
      factors.append(factor)
      for i in q.indices { q[i] -= factor * pair.change[i] }
    }
    let scale =
      history.last.map { $0.product / dot($0.change, $0.change) }
      ?? 1 / (gradient.reduce(0) { max($0, $1.magnitude) } * 4)
    for i in q.indices { q[i] *= scale }
    for (pair, factor) in zip(history, factors.reversed()) {
      let rest = factor - dot(pair.change, q) / pair.product
      for i in q.indices { q[i] += rest * pair.step[i] }
    }
    return q.map { -$0 }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// f and its gradient; nil if K is not positive definite.
  private mutating func point(_ multipliers: [Double]) -> Point? {
    evaluations += 1
    let n = multipliers.count
    let gram = rows.gram
    guard let factor = matrix(multipliers).choleskyFactor else { return nil }
    let k = (0..<n).map { output[$0] + multipliers[$0] * outputProducts[$0] }
    let u = factor.solved(k)
    let square = outputSquare + Self.dot(k, u)
    guard square > 0, square.isFinite else { return nil }
    let weighted = zip(multipliers, u).map { $0 * $1 } + Array(repeating: 0, count: gram.order - n)
    let read = gram.times(weighted)
    let coupled = couplings.times(u)
    let gradient = (0..<n).map { i in
      let z = coupled[i] + read[i] + outputProducts[i]
      return -2 * multipliers[i] * u[i] * (u[i] - z)
    }
    return Point(multipliers: multipliers, square: square, gradient: gradient)
  }

  /// K.
  private func matrix(_ multipliers: [Double]) -> BandMatrix {
    let n = multipliers.count
    var matrix = BandMatrix(order: n, bandwidth: max(0, n - 1))
    let (layout, gramLayout) = (matrix.layout, rows.gram.layout)
    matrix.elements.withUnsafeMutableBufferPointer { matrix in
      rows.gram.elements.withUnsafeBufferPointer { gram in
        couplings.elements.withUnsafeBufferPointer { couplings in
          for i in 0..<n {
            let (place, source) = (layout.offset(i, 0), gramLayout.offset(i, 0))
            let lambda = multipliers[i]
            for j in 0...i {
              matrix[place + j] =
                -lambda * gram[source + j] * multipliers[j]
                - lambda * couplings[i * n + j] - multipliers[j] * couplings[j * n + i]
            }
            matrix[place + i] += 2 * lambda
          }
        }
      }
    }
    return matrix
  }
}

extension NeuronForm {
  /// Wᵤ: row i has the coefficients of the neurons in the argument of neuron i.
  var couplings: SquareMatrix {
    var matrix = SquareMatrix(order: neurons)
    for (block, terms) in terms.enumerated() {
      let rows = blocks[block + 1]
      for term in terms where term.source > 0 {
        let columns = blocks[term.source]
        for (r, i) in rows.enumerated() {
          for (c, j) in columns.enumerated() {
            matrix[i - inputs, j - inputs] += term.elements[r * columns.count + c]
          }
        }
      }
    }
    return matrix
  }
}
