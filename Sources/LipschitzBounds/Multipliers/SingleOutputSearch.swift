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
/// takes steps that are halved until the function falls; derivatives at the last point for one μ serve the next. The first
/// μ is large: multipliers of the whole network are near the border of K ≻ 0, along which steps are short. K does not
/// depend on the output, so the search for another one may start inside, from the multipliers for a first μ.
/// Nothing that is proved depends on what is found here.
///
/// Cost: about 4 n³ operations a step for n neurons, and 8 to 60 steps.
struct SingleOutputSearch {
  /// Multipliers, and the square that they prove up to rounding.
  struct Point {
    let multipliers: [Double]
    let square: Double
    /// log det K.
    fileprivate let logarithm: Double
    /// The Cholesky factor of K, u and z.
    let factor: SquareMatrix
    let values: (u: [Double], z: [Double])
  }

  let couplings: SquareMatrix
  /// G.
  let gram: SquareMatrix
  /// cᵤ, Wₛcₛ and ‖cₛ‖².
  private let output: [Double]
  private let outputProducts: [Double]
  private let outputSquare: Double
  /// The steps that were taken.
  private(set) var steps = 0

  private static let mostSteps = 60
  /// Shares of the slope by which a step has to lower the function, and from which longer steps are tried.
  private static let (sufficient, steep) = (1e-4, 0.6)
  /// n·μ/f at first and at last, which about bounds how far f is from the least one, and how fast it falls.
  private static let (firstGap, gapInside, lastGap, reduction) = (3.0, 0.6, 4e-3, 0.2)
  /// The slope, in multiples of μ, below which a point is good enough for μ.
  private static let leastSlope = 0.5

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

  /// The best multipliers found, and those for the first μ; nil if those at the start prove nothing.
  ///
  /// - Parameter isInside: whether the multipliers at the start are those for a first μ.
  mutating func run(
    from start: [Double], isInside: Bool = false
  ) -> (best: Point, inside: [Double])? {
    guard var point = point(start) else { return nil }
    var best = point
    var inside: [Double]?
    var known: SingleOutputDerivatives?
    var gap = isInside ? Self.gapInside : Self.firstGap
    while gap >= Self.lastGap, steps < Self.mostSteps {
      let barrier = gap * point.square / Double(start.count)
      while steps < Self.mostSteps {
        if known == nil { steps += 1 }
        let derivatives = known ?? SingleOutputDerivatives(self, at: point)
        known = derivatives
        guard let step = derivatives.step(barrier: barrier),
          -step.slope > Self.leastSlope * barrier,
          let next = next(after: point, along: step, barrier)
        else { break }
        (point, known) = (next, nil)
      }
      if point.square < best.square { best = point }
      inside = inside ?? point.multipliers
      gap *= Self.reduction
    }
    return (best, inside ?? start)
  }

  /// A point along a direction at which f − μ log det K is sufficiently lower.
  ///
  /// Where K is nearly singular, Newton's step only doubles its least eigenvalues, and the function falls by more than
  /// half the slope, as that of a parabola would: longer steps are tried as long as it falls.
  private func next(
    after point: Point, along step: SingleOutputDerivatives.Step, _ barrier: Double
  ) -> Point? {
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
        while length >= first, 2 * length * longest <= 2,
          value(point) - value(next) > -Self.steep * length * step.slope,
          let longer = ahead(2 * length), value(longer) < value(next)
        {
          (next, length) = (longer, 2 * length)
        }
        return next
      }
      length /= 2
    }
    return nil
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
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

  /// N = Wᵤ + GΛ.
  func reads(_ multipliers: [Double]) -> SquareMatrix {
    let n = multipliers.count
    var reads = couplings
    for i in 0..<n {
      for j in 0..<n {
        reads.elements[i * n + j] += gram.elements.span[unchecked: i * n + j] * multipliers[j]
      }
    }
    return reads
  }

  /// K, its lower triangle.
  private func matrix(_ multipliers: [Double]) -> SquareMatrix {
    let n = multipliers.count
    var matrix = SquareMatrix(order: n)
    for (i, lambda) in multipliers.enumerated() {
      for j in 0...i {
        let place = i * n + j
        let read =
          gram.elements.span[unchecked: place] * multipliers[j]
          + couplings.elements.span[unchecked: place]
        matrix.elements[place] =
          -lambda * read - multipliers[j] * couplings.elements.span[unchecked: j * n + i]
      }
      matrix[i, i] += 2 * lambda
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
