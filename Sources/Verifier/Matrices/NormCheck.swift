import Enclosure
import MatrixProducts

/// Checks ‖A‖ ≤ c: by the largest row where rows or columns are disjoint, else by a Cholesky
/// factorization of c²I − AAᵀ or c²I − AᵀA or, for maps of images, on a torus, the cheaper way first.
enum NormCheck {
  /// Factorizations that take more multiplications are not tried.
  private static let mostExpensive = 4e11
  /// The same for maps of images, before which a torus is tried.
  private static let expensive = 1e9

  /// Whether ‖A‖ ≤ claim is certain.
  static func isBounded(
    _ map: LinearMap, by claim: Double, _ workers: Workers = .single
  ) -> Bool {
    guard claim.isFinite, claim >= 0 else { return false }
    if map.isZero { return true }
    let torus = (map.stencil ?? map.adjoint).map { Torus($0) }
    var isTorusTried = false
    if let torus, torus.cost < expensive || map.count > LinearMap.mostTransposed {
      if torus.isBounded(by: claim, workers) { return true }
      isTorusTried = true
    }
    guard map.count <= LinearMap.mostTransposed, let transposed = map.transposed else {
      return false
    }
    let (profile, other) = (map.profile, transposed.profile)
    if profile.columnCount <= 1 { return map.rowNorms.all.allSatisfy { $0 <= claim } }
    if profile.rowCount <= 1 { return transposed.rowNorms.all.allSatisfy { $0 <= claim } }
    let (images, adjoints) = (map.stencil, map.adjoint)
    let rows = Gram(
      map, transposed: transposed, image: images?.output ?? adjoints?.input)
    let columns = Gram(
      transposed, transposed: map, image: images?.input ?? adjoints?.output)
    let (best, bestProfile) = rows.cost <= columns.cost ? (rows, profile) : (columns, other)
    if let torus, !isTorusTried, torus.cost < best.cost, torus.isBounded(by: claim, workers) {
      return true
    }
    return best.cost <= mostExpensive && best.isBounded(by: claim, bestProfile, workers)
  }

  /// Whether plain sums confirm the products that a factorization for a map consists of.
  static func isConfirmed(_ map: LinearMap, _ workers: Workers) -> Bool {
    guard let transposed = map.transposed else { return false }
    let image = map.stencil?.output ?? map.adjoint?.input
    return Gram(map, transposed: transposed, image: image).isConfirmed(map.profile, workers)
  }
}
