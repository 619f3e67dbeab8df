import Enclosure

/// Checks ‖A‖ ≤ c: by the largest row where rows or columns have nothing in common, else by a Cholesky
/// factorisation of c²I − AAᵀ or c²I − AᵀA.
enum NormCheck {
  /// Whether ‖A‖ ≤ claim is certain.
  ///
  /// Coefficients that are off by a share s change the norm by at most s‖|A|‖.
  static func isBounded(_ map: LinearMap, by claim: Double) -> Bool {
    guard claim.isFinite, claim >= 0 else { return false }
    if map.values.allSatisfy({ $0 == 0 }) { return true }
    let profile = map.profile
    if profile.columnCount <= 1 { return map.rowNorms.allSatisfy { $0 <= claim } }
    let transposed = map.transposed
    if profile.rowCount <= 1 { return transposed.rowNorms.allSatisfy { $0 <= claim } }
    let lost = map.slack == 0 ? .zero : profile.magnitude * UpperBound(proven: map.slack)
    let claim = DirectedRounding.addDown(claim, -lost.value)
    guard claim >= 0 else { return false }
    let isTall = map.outputs > map.inputs
    let order = min(map.outputs, map.inputs)
    guard order <= SymmetricMatrix.largestOrder else { return false }
    // |Ĝ − G| ≤ γ|A||A|ᵀ, with as many roundings as a row of A has elements.
    let terms = isTall ? profile.columnCount : profile.rowCount
    let error =
      AccumulatedError.gamma(terms + 1) * profile.magnitude * profile.magnitude
      + UpperBound(proven: 0x1p-900)
    var matrix = SymmetricMatrix(order: order)
    let square = DirectedRounding.multiplyDown(claim, claim)
    for i in 0..<order { matrix[i, i] = square }
    // Row k of the other side lists what the products of its elements add up to.
    subtractProducts(of: isTall ? map : transposed, from: &matrix)
    // The diagonal c² − ĝ is rounded with each product, by at most c² + ĝ in all.
    let rounding =
      AccumulatedError.gamma(terms + 2)
      * (UpperBound(proven: square) + profile.magnitude * profile.magnitude)
    let shift = matrix.slack + error + rounding
    return shift.isFinite && matrix.factorise(minus: shift.value)
  }

  private static func subtractProducts(of map: LinearMap, from matrix: inout SymmetricMatrix) {
    for index in 0..<map.outputs {
      let row = map.row(index)
      for a in row {
        let (value, i) = (map.values[a], Int(map.columns[a]))
        // Columns ascend within a row.
        for b in row.lowerBound...a { matrix[i, Int(map.columns[b])] -= value * map.values[b] }
      }
    }
  }
}
