import MatrixProducts

/// Looks for the multipliers λ with which the constant of a ``NeuronForm`` is least.
///
/// For λ ≥ 0, M(λ, ρ) = ρP + Σ λᵢ(eᵢqᵢᵀ + qᵢeᵢᵀ) − CᵀC ⪰ 0 with qᵢ = eᵢ − wᵢ implies ‖Δy‖² ≤ ρ‖Δs‖²: P is the
/// projection on the argument, wᵢ·v is zᵢ and Cv the outputs. The least ρ is a semidefinite program, solved by a
/// primal-dual method with Mehrotra's corrector in the direction of Helmberg, Kojima and Monteiro (Todd, Toh,
/// Tütüncü 1998). M is positive definite in every step, so any step may be the last. Nothing that is proved
/// depends on what is found here.
///
/// Cost: about 10 D³ + 2n³ operations a step for n neurons and D coordinates, and 7 to 25 steps.
struct MultiplierSearch {
  /// Where the search stands.
  struct Point: Sendable {
    /// For each neuron.
    var multipliers: [Double]
    /// ρ, an estimate of the square of the constant.
    var square: Double
    /// The dual matrix Z.
    var dual: SquareMatrix
  }

  private let form: NeuronForm
  private let workers: Workers
  /// CᵀC.
  private let outputSquare: SquareMatrix
  /// An earlier point, whose forms are farther from singular, where there was one.
  private(set) var midpoint: Point?
  /// The steps that were taken.
  private(set) var steps = 0

  /// The gap, relative to ρ, below which a point is kept.
  private static let middleGap = 0.3
  private static let mostSteps = 40

  /// - Parameter form: its argument should not have more coordinates than rows that read them.
  init(_ form: NeuronForm, _ workers: Workers) {
    (self.form, self.workers) = (form, workers)
    outputSquare = Self.square(form)
  }

  /// About the operations of one step.
  static func costOfStep(neurons: Int, coordinates: Int) -> Double {
    let (n, d) = (Double(neurons), Double(coordinates))
    return 10 * d * d * d + 2 * n * n * n
  }

  /// The multipliers of the last step.
  ///
  /// - Parameters:
  ///   - finalGap: how far ρ may be from the least one, relative to it.
  ///   - onStep: told of each step with its number.
  mutating func run(finalGap: Double, onStep: (Int) -> Void = { _ in }) -> Point? {
    guard var point = firstPoint else { return nil }
    for _ in 0..<Self.mostSteps {
      guard let step = MultiplierStep(form, point, outputSquare, workers) else { break }
      steps += 1
      onStep(steps)
      let gap = step.gap / point.square
      if gap < Self.middleGap, step.infeasibility < 0.1, midpoint == nil { midpoint = point }
      if gap < finalGap, step.infeasibility < finalGap { break }
      guard let next = step.next() else { break }
      point = next
    }
    return point
  }

  private static func square(_ form: NeuronForm) -> SquareMatrix {
    var square = SquareMatrix(order: form.order)
    for first in form.output {
      for second in form.output {
        square.add(first, second, of: form, outputs: form.outputs)
      }
    }
    return square
  }

  /// A point with M ≻ 0, from the last block to the first: with the demand Q on the blocks up to b,
  /// vᵀQv ≤ 2 v_bᵀQ_bb v_b + 2 v′ᵀQ′v′, and λ ≥ 2‖Q_bb‖ leaves the demand 2Q′ + λWᵀW on those before b.
  private var firstPoint: Point? {
    var demand = outputSquare
    var multipliers = Array(repeating: 0.0, count: form.neurons)
    for block in form.blocks.indices.dropFirst().reversed() {
      let range = form.blocks[block]
      let norm = demand.norm(of: range)
      let floor = 1e-9 * demand.norm(of: 0..<range.upperBound)
      let lambda = 2.1 * norm + floor
      guard lambda > 0, lambda.isFinite else { return nil }
      for i in range { multipliers[i - form.inputs] = lambda }
      for i in 0..<range.lowerBound {
        for j in 0..<range.lowerBound { demand[i, j] *= 2 }
      }
      for first in form.terms[block - 1] {
        for second in form.terms[block - 1] {
          demand.add(first, second, of: form, outputs: range.count, times: lambda)
        }
      }
    }
    return point(multipliers, square: 1.5 * demand.norm(of: form.blocks[0]))
  }

  /// A point with the dual matrix near M⁻¹; nil if M is not positive definite.
  private func point(_ multipliers: [Double], square: Double) -> Point? {
    guard square > 0, square.isFinite else { return nil }
    let matrix = MultiplierStep.matrix(form, multipliers, square, outputSquare)
    guard let factor = matrix.choleskyFactor(workers) else { return nil }
    var dual = SquareMatrix.inverse(fromFactor: factor, workers)
    let trace = form.blocks[0].reduce(0) { $0 + dual[$1, $1] }
    for i in dual.elements.indices { dual.elements[i] /= trace }
    return Point(multipliers: multipliers, square: square, dual: dual)
  }
}

extension SquareMatrix {
  /// Adds f·AᵀB for the coefficients A and B of two terms.
  fileprivate mutating func add(
    _ first: NeuronForm.Term, _ second: NeuronForm.Term, of form: NeuronForm, outputs: Int,
    times factor: Double = 1
  ) {
    let (rows, columns) = (form.blocks[first.source], form.blocks[second.source])
    let scaled = factor == 1 ? first.elements : first.elements.map { $0 * factor }
    let order = order
    elements.withUnsafeMutableBufferPointer { sum in
      scaled.withUnsafeBufferPointer { a in
        second.elements.withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let sum = sum.baseAddress else {
            return
          }
          MatrixProduct.accumulate(
            MatrixView(a, rowStride: 1, columnStride: rows.count),
            MatrixView(b, rowStride: 1, columnStride: columns.count), rows: rows.count,
            columns: columns.count, inner: outputs,
            into: sum + rows.lowerBound * order + columns.lowerBound, stride: order)
        }
      }
    }
  }

  /// About the norm of a positive semidefinite block on the diagonal.
  fileprivate func norm(of range: Range<Int>) -> Double {
    let order = order
    return LanczosEstimate(order: range.count) { x in
      elements.withUnsafeBufferPointer { m in
        x.withUnsafeBufferPointer { x in
          range.map { i in
            guard let m = m.baseAddress, let x = x.baseAddress else { return 0 }
            return VectorKernels.dot(m + i * order + range.lowerBound, x, range.count)
          }
        }
      }
    }.value
  }
}
