import BoundAlgebra
import Enclosure
import MatrixProducts
import ModelIR

/// The Lipschitz constant of a chain of dense layers with monotone activations between them, by quadratic
/// constraints (ECLipsE-Fast, Xu and Sivaranjani 2024), with a certificate for every layer.
///
/// Let Δs be the difference of two arguments of the chain and Δu that of the outputs of an activation. The
/// invariant is ‖Δs‖² ≥ q·Δuᵀ X Δu; it holds at first with u = s, X = I and q = 1. For a layer z = W u, a
/// matrix A with [[X, Wᵀ], [W, A]] ⪰ 0 gives Δuᵀ X Δu ≥ 2yᵀΔz − yᵀA y for every y. After an activation
/// with slopes in [0, β], y = τΔũ with Δũ = Δu/β gives Δũᵀ(2τI − τ²A)Δũ; τ is about 1/λ₁(A). At the end
/// ‖Δz‖² ≤ λ₁(A)/q·‖Δs‖², and (Δzᵢ − Δzⱼ)² ≤ (aᵢᵢ + aⱼⱼ − 2aᵢⱼ)/q·‖Δs‖². The bordered matrix is certified
/// by a Cholesky factorization (``PositiveDefiniteness``); proofs in `docs/soundness.md`. Cost: about
/// (m + n)³ operations for each layer.
struct QuadraticChain {
  /// A dense layer and the activation after it.
  struct Layer {
    let rows: Int
    let columns: Int
    let weight: ScaledNumbers
    /// β of the activation that follows; nil after the last layer.
    let slope: BoundConstant?
  }

  /// Bounds the chain.
  let norm: UpperBound
  /// Bounds the differences of two of its outputs, [K, K] row-major.
  let differences: [UpperBound]
  /// For each activation u = φ(z), the multiplier λ of its constraint Δuᵀ(βΔz − Δu) ≥ 0.
  ///
  /// ‖Δs‖² is at least Σ 2λ Δuᵀ(βΔz − Δu) plus a multiple of ‖Δz‖² of the last layer, so with these
  /// numbers one factorization checks the whole chain.
  let multipliers: [Double]

  /// Chains with larger layers are not bounded.
  static let largestSide = 1100
  private static let attempts = 6

  /// Nil if a layer could not be certified.
  init?(_ layers: [Layer], _ workers: Workers = .single) {
    guard let first = layers.first, let start = Self.firstGram(first, workers) else { return nil }
    var factor = Self.unscaled(.one, first)
    var gram = start
    var multipliers: [Double] = []
    for (layer, next) in zip(layers, layers.dropFirst()) {
      guard let slope = layer.slope,
        let (matrix, share) = Self.throughActivation(gram, slope: slope)
      else { return nil }
      guard let image = Self.throughLayer(matrix, next, workers) else { return nil }
      multipliers.append((factor * share).value)
      factor = Self.unscaled(factor * share, next)
      gram = image
    }
    guard factor.value > 0 else { return nil }
    self.multipliers = multipliers
    var workspace: [Double] = []
    let estimate = LanczosEstimate(order: gram.order) { gram.times($0) }.value
    let top = CholeskyMethod.largestEigenvalue(
      of: gram, estimate: estimate, workspace: &workspace, workers)
    norm = (top / factor).squareRoot()
    let count = gram.order
    differences = (0..<count * count).map { index in
      let (i, j) = (index / count, index % count)
      if i == j { return .zero }
      let cross = gram.elements[gram.layout.offset(max(i, j), min(i, j))]
      let sum = DirectedRounding.addUp(gram.diagonal(i), gram.diagonal(j))
      let square = DirectedRounding.addUp(sum, -2 * cross)
      return (UpperBound(proven: max(square, 0)) / factor).squareRoot()
    }
  }

  /// q for the exact weights, from q for weights that were multiplied by 2^−e.
  private static func unscaled(_ factor: LowerBound, _ layer: Layer) -> LowerBound {
    factor.scaled(byPowerOfTwo: -2 * layer.weight.exponent)
  }

  /// A ⪰ W Wᵀ: the computed Gram matrix plus its error.
  private static func firstGram(_ layer: Layer, _ workers: Workers) -> BandMatrix? {
    guard layer.rows <= largestSide else { return nil }
    let gram = DenseBlock(
      rows: layer.rows, columns: layer.columns, elements: layer.weight.values
    ).gramOfRows(workers)
    return shifted(gram.matrix, by: gram.error)
  }

  /// A matrix plus at least `amount` times I; nil if the amount is infinite.
  private static func shifted(_ matrix: BandMatrix, by amount: UpperBound) -> BandMatrix? {
    guard amount.isFinite else { return nil }
    var result = matrix
    for i in 0..<matrix.order {
      let sum = DirectedRounding.addUp(matrix.diagonal(i), amount.value)
      result.elements[matrix.layout.offset(i, i)] = sum
    }
    return result
  }

  /// X ⪯ 2I − A/λ with eigenvalues of X about in [1, 2], and the factor 1/(λβ²) of q.
  private static func throughActivation(
    _ gram: BandMatrix, slope: BoundConstant
  ) -> (BandMatrix, LowerBound)? {
    let top = LanczosEstimate(order: gram.order) { gram.times($0) }.value * (1 + 1e-9)
    guard top > 0, top.isFinite else { return nil }
    let beta = slope.upper
    let share = LowerBound.one / (UpperBound(proven: top) * beta * beta)
    var result = gram
    var largest = 0.0
    for i in 0..<gram.order {
      for j in gram.layout.origin(i)...i {
        let place = gram.layout.offset(i, j)
        let quotient = gram.elements[place] / top
        largest = max(largest, quotient.magnitude)
        result.elements[place] = (i == j ? 2 : 0) - quotient
      }
    }
    // Each quotient, and each difference on the diagonal, is rounded once. The row sums of the errors
    // bound the norm of the error.
    let error = 4 * Double(gram.order + 2) * AccumulatedError.unitRoundoff * (largest + 2)
    guard error < 0.5 else { return nil }
    for i in 0..<gram.order {
      let place = gram.layout.offset(i, i)
      result.elements[place] = DirectedRounding.addDown(result.elements[place], -error)
    }
    return (result, share)
  }

  /// A with [[X, Wᵀ], [W, A]] ⪰ 0, near W X⁻¹ Wᵀ.
  private static func throughLayer(
    _ matrix: BandMatrix, _ layer: Layer, _ workers: Workers
  ) -> BandMatrix? {
    guard layer.columns == matrix.order, layer.rows <= largestSide else { return nil }
    var workspace: [Double] = []
    var bordered = BorderedMatrix(matrix, layer)
    let size = layer.weight.values.reduce(0) { $0 + $1 * $1 }
    bordered.set(diagonal: 4 * size + 1)
    guard PositiveDefiniteness.factorizes(0, minus: bordered.negated, &workspace, workers) else {
      return nil
    }
    let schur = bordered.schurComplement(from: workspace, workers)
    let slack = PositiveDefiniteness.slack(0, bordered.negated).value
    var shift = 4 * slack * (1 + size)
    for _ in 0..<attempts {
      guard let image = shifted(schur, by: UpperBound(proven: shift)) else { return nil }
      bordered.set(image)
      let negated = bordered.negated
      let margin = 2 * PositiveDefiniteness.slack(0, negated).value
      let isCovered = PositiveDefiniteness.slack(-margin, negated).value <= margin
      if isCovered, PositiveDefiniteness.factorizes(-margin, minus: negated, &workspace, workers) {
        return image
      }
      shift *= 16
    }
    return nil
  }
}

/// [[X, Wᵀ], [W, A]], negated, since the factorization is of tI − G.
private struct BorderedMatrix {
  private(set) var negated: BandMatrix
  private let inner: Int
  private let outer: Int

  init(_ matrix: BandMatrix, _ layer: QuadraticChain.Layer) {
    inner = matrix.order
    outer = layer.rows
    negated = BandMatrix(order: inner + outer, bandwidth: inner + outer - 1)
    for i in 0..<inner {
      for j in matrix.layout.origin(i)...i {
        negated.elements[negated.layout.offset(i, j)] =
          -matrix.elements[matrix.layout.offset(i, j)]
      }
    }
    for i in 0..<outer {
      for j in 0..<inner {
        negated.elements[negated.layout.offset(inner + i, j)] =
          -layer.weight.values[i * inner + j]
      }
    }
  }

  /// Makes A a multiple of I.
  mutating func set(diagonal: Double) {
    for i in 0..<outer {
      for j in 0...i {
        negated.elements[negated.layout.offset(inner + i, inner + j)] = i == j ? -diagonal : 0
      }
    }
  }

  /// Sets A.
  mutating func set(_ matrix: BandMatrix) {
    for i in 0..<outer {
      for j in 0...i {
        negated.elements[negated.layout.offset(inner + i, inner + j)] =
          -matrix.elements[matrix.layout.offset(i, j)]
      }
    }
  }

  /// Y Yᵀ for the lower left block Y of the Cholesky factor, which is W X⁻¹ Wᵀ up to rounding.
  func schurComplement(from factor: [Double], _ workers: Workers) -> BandMatrix {
    var result = BandMatrix(order: outer, bandwidth: outer - 1)
    factor.withUnsafeBufferPointer { factor in
      guard let base = factor.baseAddress else { return }
      result.addProducts(of: negated.layout.view(base, inner, 0), inner: inner, workers)
    }
    return result
  }
}
