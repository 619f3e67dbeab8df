import Glibc
import MatrixProducts

/// Looks for the multipliers λ with which the constant of a ``NeuronForm`` with one output is least.
///
/// With Δz = WₛΔs + WᵤΔu and Δy = cₛ·Δs + cᵤ·Δu, the least square that Λ proves is f(λ) = ‖cₛ‖² + kᵀK⁻¹k with
/// K = 2Λ − ΛWᵤ − WᵤᵀΛ − ΛGΛ ≻ 0, G = WₛWₛᵀ and k = cᵤ + ΛWₛcₛ. It is the maximum of φ = 2kᵀu − uᵀKu, and unlike the
/// constant of several outputs a smooth function. Where u = K⁻¹k and z is Δz at Δs = cₛ + WₛᵀΛu, the derivatives of φ by
/// λᵢ are −2uᵢ(uᵢ − zᵢ), half of those by λᵢ and u is row i of P = diag(z − 2u) + diag(u)N with N = Wᵤ + GΛ, and the
/// Hessian of f is 2(diag(u) G diag(u) + P K⁻¹ Pᵀ) ⪰ 0.
///
/// Often f is least where K is singular, so f − μ log det K is minimized for falling μ. With S = K⁻¹ and Q = I − N the
/// derivatives of −log det K are −2(QS)ᵢᵢ, and its Hessian is 2(S ∘ QSQᵀ + QS ∘ SQᵀ + G ∘ S). All products follow from
/// S, NS and NSNᵀ. Newton's method in log λ, without the negative part of what the logarithm adds to the Hessian,
/// takes steps that are halved until the function falls. The first μ is large: multipliers of the whole network are near
/// the border of K ≻ 0, along which steps are short. Nothing that is proved depends on what is found here.
///
/// Cost: about 4 n³ operations a step for n neurons, and 10 to 60 steps.
struct SingleOutputSearch {
  /// Multipliers, and the square that they prove up to rounding.
  struct Point {
    let multipliers: [Double]
    let square: Double
    /// log det K.
    fileprivate let logarithm: Double
    /// The Cholesky factor of K, u and z.
    fileprivate let factor: SquareMatrix
    fileprivate let values: (u: [Double], z: [Double])
  }

  fileprivate let couplings: SquareMatrix
  /// G.
  fileprivate let gram: SquareMatrix
  /// cᵤ, Wₛcₛ and ‖cₛ‖².
  private let output: [Double]
  private let outputProducts: [Double]
  private let outputSquare: Double
  /// The steps that were taken.
  private(set) var steps = 0

  private static let mostSteps = 60
  private static let sufficient = 1e-4
  /// n·μ/f at first and at last, which about bounds how far f is from the least one, and how fast it falls.
  private static let (firstGap, lastGap, reduction) = (3.0, 4e-3, 0.2)

  /// - Parameters:
  ///   - form: with one output.
  ///   - couplings: Wᵤ, which forms with the same neurons share.
  ///   - rows: the products of the form's rows.
  init(_ form: NeuronForm, couplings: SquareMatrix, rows: ReadingRows) {
    var output = Array(repeating: 0.0, count: form.neurons)
    for term in form.output where term.source > 0 {
      let first = form.blocks[term.source].lowerBound - form.inputs
      for (j, value) in term.elements.enumerated() { output[first + j] += value }
    }
    let last = form.neurons
    var gram = SquareMatrix(order: last)
    for i in 0..<last {
      for j in 0..<last {
        gram[i, j] = rows.gram.elements[rows.gram.layout.offset(max(i, j), min(i, j))]
      }
    }
    (self.couplings, self.gram, self.output) = (couplings, gram, output)
    outputProducts = (0..<last).map { rows.gram.elements[rows.gram.layout.offset(last, $0)] }
    outputSquare = rows.gram.diagonal(last)
  }

  /// About the operations of one step.
  static func costOfStep(neurons: Int) -> Double {
    let n = Double(neurons)
    return 4 * n * n * n + 80 * n * n
  }

  /// The best multipliers found; nil if those at the start prove nothing.
  mutating func run(from start: [Double]) -> Point? {
    guard var point = point(start) else { return nil }
    var best = point
    var gap = Self.firstGap
    while gap >= Self.lastGap, steps < Self.mostSteps {
      let barrier = gap * point.square / Double(start.count)
      while steps < Self.mostSteps {
        steps += 1
        guard let step = NewtonStep(self, at: point, barrier: barrier),
          -step.slope > 0.2 * barrier, let next = next(after: point, along: step, barrier)
        else { break }
        point = next
      }
      if point.square < best.square { best = point }
      gap *= Self.reduction
    }
    return best
  }

  /// A point along a direction at which f − μ log det K is sufficiently lower.
  ///
  /// Where K is nearly singular, Newton's step only doubles its least eigenvalues: longer ones are tried as long as
  /// the function falls.
  private func next(after point: Point, along step: NewtonStep, _ barrier: Double) -> Point? {
    let longest = step.direction.reduce(0) { max($0, $1.magnitude) }
    func value(_ point: Point) -> Double { point.square - barrier * point.logarithm }
    func ahead(_ length: Double) -> Point? {
      self.point(zip(point.multipliers, step.direction).map { $0 * exp(length * $1) })
    }
    let first = min(1, 2 / longest)
    var length = first
    while length * longest > 1e-6 {
      if var next = ahead(length),
        value(next) <= value(point) + Self.sufficient * length * step.slope
      {
        while length >= first, 2 * length * longest <= 2, let longer = ahead(2 * length),
          value(longer) < value(next)
        {
          (next, length) = (longer, 2 * length)
        }
        return next
      }
      length /= 2
    }
    return nil
  }

  fileprivate static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// f and log det K; nil if K is not positive definite.
  private func point(_ multipliers: [Double]) -> Point? {
    guard let factor = matrix(multipliers).choleskyFactor(.single) else { return nil }
    let k = multipliers.indices.map { output[$0] + multipliers[$0] * outputProducts[$0] }
    let u = factor.solved(k)
    let square = outputSquare + Self.dot(k, u)
    guard square > 0, square.isFinite else { return nil }
    let (coupled, read) = (couplings.times(u), gram.times(zip(multipliers, u).map(*)))
    let z = u.indices.map { coupled[$0] + read[$0] + outputProducts[$0] }
    let logarithm = u.indices.reduce(0) { $0 + 2 * log(factor[$1, $1]) }
    return Point(
      multipliers: multipliers, square: square, logarithm: logarithm, factor: factor,
      values: (u, z))
  }

  /// K, its lower triangle.
  private func matrix(_ multipliers: [Double]) -> SquareMatrix {
    var matrix = SquareMatrix(order: multipliers.count)
    for (i, lambda) in multipliers.enumerated() {
      for j in 0...i {
        matrix[i, j] =
          -lambda * gram[i, j] * multipliers[j]
          - lambda * couplings[i, j] - multipliers[j] * couplings[j, i]
      }
      matrix[i, i] += 2 * lambda
    }
    return matrix
  }
}

/// Newton's direction in log λ for f − μ log det K.
private struct NewtonStep {
  let direction: [Double]
  /// The derivative along it.
  let slope: Double

  /// Nil if rounding makes the Hessian indefinite.
  init?(_ search: SingleOutputSearch, at point: SingleOutputSearch.Point, barrier: Double) {
    let n = point.multipliers.count
    let (lambda, u) = (point.multipliers, point.values.u)
    let excess = zip(point.values.z, u).map { $0 - 2 * $1 }
    var reads = search.couplings
    for i in 0..<n {
      for j in 0..<n { reads[i, j] += search.gram[i, j] * lambda[j] }
    }
    let inverse = SquareMatrix.inverse(fromFactor: point.factor, .single)
    let images = reads.times(symmetric: inverse, .single)
    let squares = images.times(transposeOf: reads, .single)
    var hessian = SquareMatrix(order: n)
    var gradient = Array(repeating: 0.0, count: n)
    for i in 0..<n {
      for j in 0...i {
        let (s, g, t) = (inverse[i, j], search.gram[i, j], squares[i, j])
        let (a, b) = (images[i, j], images[j, i])
        let ofSquare =
          u[i] * (g + t) * u[j] + excess[i] * s * excess[j] + u[i] * a * excess[j]
          + excess[i] * b * u[j]
        let ofLogarithm = s * (s - a - b + t + g) + (s - a) * (s - b)
        hessian[i, j] = 2 * lambda[i] * lambda[j] * (ofSquare + barrier * ofLogarithm)
      }
      let change = inverse[i, i] - images[i, i]
      gradient[i] = 2 * lambda[i] * (u[i] * (excess[i] + u[i]) - barrier * change)
    }
    let trace = (0..<n).reduce(0) { $0 + hessian[$1, $1] }
    for i in 0..<n { hessian[i, i] += max(0, gradient[i]) + 1e-12 * trace }
    guard let factor = hessian.choleskyFactor(.single) else { return nil }
    direction = factor.solved(gradient).map { -$0 }
    slope = SingleOutputSearch.dot(direction, gradient)
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
