import Enclosure

/// Checks ‖A‖ ≤ c: by the largest row where rows or columns are disjoint, else by a Cholesky
/// factorization of c²I − AAᵀ or c²I − AᵀA, else, for maps of images, on a torus.
enum NormCheck {
  /// Factorizations that take more multiplications are tried last.
  private static let cheap = 1e10
  /// And beyond this, not at all.
  private static let mostExpensive = 2e11

  /// Maps of images with more elements are only tried on a torus.
  private static let large = 1 << 24

  /// Whether ‖A‖ ≤ claim is certain.
  static func isBounded(_ map: LinearMap, by claim: Double) -> Bool {
    guard claim.isFinite, claim >= 0 else { return false }
    let torus = (map.stencil ?? map.adjoint).map { Torus($0) }
    if let torus, map.count > large { return torus.isBounded(by: claim) }
    guard let transposed = map.transposed else { return false }
    let profile = map.profile
    if profile.columnCount <= 1 { return map.rowNorms().allSatisfy { $0 <= claim } }
    if profile.rowCount <= 1 { return transposed.rowNorms().allSatisfy { $0 <= claim } }
    let best = [
      Gram(transposed, image: map.stencil?.output), Gram(map, image: map.stencil?.input),
    ].min { $0.cost < $1.cost }!
    if best.cost <= cheap, best.isBounded(by: claim, profile.absoluteNorm) { return true }
    if let torus, torus.isBounded(by: claim) { return true }
    return best.cost > cheap && best.cost <= mostExpensive
      && best.isBounded(by: claim, profile.absoluteNorm)
  }
}

/// AᵀA for the rows of A, in an order in which elements far from the diagonal are 0.
private struct Gram {
  private let map: LinearMap
  /// Where each column of A goes.
  private let places: [Int]
  private let firsts: [Int]

  /// Images are also tried in the order (h, w, channel).
  init(_ map: LinearMap, image: [Int]?) {
    self.map = map
    let area = image.map { $0[1] * $0[2] } ?? 1
    let natural = Array(0..<map.inputs)
    let byPlace = natural.map { $0 % area * (map.inputs / area) + $0 / area }
    let orders = (area > 1 ? [natural, byPlace] : [natural]).map { ($0, Self.firsts(map, $0)) }
    (places, firsts) = orders.min {
      SymmetricMatrix.cost(firsts: $0.1) < SymmetricMatrix.cost(firsts: $1.1)
    }!
  }

  /// About the multiplications of a factorization.
  var cost: Double { SymmetricMatrix.cost(firsts: firsts) }

  /// The first column of each row that has an element.
  private static func firsts(_ map: LinearMap, _ places: [Int]) -> [Int] {
    var firsts = Array(0..<map.inputs)
    for row in 0..<map.outputs {
      var least = map.inputs
      map.visit(row) { column, value in if value != 0 { least = min(least, places[column]) } }
      map.visit(row) { column, value in
        if value != 0 { firsts[places[column]] = min(firsts[places[column]], least) }
      }
    }
    return firsts
  }

  /// Whether c²I − AᵀA is certainly positive semidefinite; `absoluteNorm` bounds ‖|A|‖.
  ///
  /// Coefficients with a relative error of s change the norm by at most s‖|A|‖. An entry of the computed
  /// matrix has as many roundings as a column of A has elements.
  func isBounded(by claim: Double, _ absoluteNorm: UpperBound) -> Bool {
    let lost =
      map.coefficientError == 0
      ? .zero : absoluteNorm * UpperBound(proven: map.coefficientError)
    let claim = DirectedRounding.addDown(claim, -lost.value)
    guard claim >= 0, var matrix = SymmetricMatrix(firsts: firsts) else { return false }
    let square = DirectedRounding.multiplyDown(claim, claim)
    for i in 0..<matrix.order { matrix[i, i] = square }
    var counts = Array(repeating: 0, count: map.inputs)
    for row in 0..<map.outputs {
      var elements: [(place: Int, value: Double)] = []
      map.visit(row) { column, value in
        if value != 0 { elements.append((places[column], value)) }
      }
      for a in elements {
        counts[a.place] += 1
        for b in elements where b.place <= a.place { matrix[a.place, b.place] -= a.value * b.value }
      }
    }
    let size = absoluteNorm * absoluteNorm
    // The diagonal c² − ĝ is rounded with each product, by at most c² + ĝ in all.
    let rounding =
      AccumulatedError.gamma((counts.max() ?? 0) + 2) * (UpperBound(proven: square) + size + size)
    let shift = matrix.factorizationError + rounding + UpperBound(proven: 0x1p-900)
    return shift.isFinite && matrix.factorize(minus: shift.value)
  }
}
