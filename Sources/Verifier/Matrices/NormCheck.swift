import Enclosure
import MatrixProducts

/// Checks ‖A‖ ≤ c: by the largest row where rows or columns are disjoint, else by a Cholesky
/// factorization of c²I − AAᵀ or c²I − AᵀA or, for maps of images, on a torus, the cheaper way first.
enum NormCheck {
  /// Factorizations that take more multiplications are not tried.
  private static let mostExpensive = 4e11

  /// Whether ‖A‖ ≤ claim is certain.
  static func isBounded(
    _ map: LinearMap, by claim: Double, _ workers: Workers = .single
  ) -> Bool {
    guard claim.isFinite, claim >= 0 else { return false }
    if map.isZero { return true }
    return isBounded(by: claim, map.stencil ?? map.adjoint, workers) { map }
  }

  /// The same for a map of images, whose error counts.
  static func isBounded(
    _ stencil: Stencil, by claim: Double, _ workers: Workers = .single
  ) -> Bool {
    let rest = DirectedRounding.addDown(claim, -stencil.error.value)
    guard rest.isFinite, rest >= 0 else { return false }
    if stencil.isZero { return true }
    // The torus counts the stencil's error itself.
    return isBounded(by: rest, stencil.withoutError, workers) {
      LinearMap(stencil.withoutError, terms: 0)
    }
  }

  /// - Parameter explicit: the map with its elements, which takes far more time than most tori.
  private static func isBounded(
    by claim: Double, _ stencil: Stencil?, _ workers: Workers, _ explicit: () -> LinearMap
  ) -> Bool {
    guard let stencil else { return isBounded(explicit: explicit(), by: claim, workers) }
    let (torus, gram) = (Torus(stencil), Gram.cost(of: stencil))
    let isFirst = torus.cost < gram || stencil.count > LinearMap.mostTransposed
    if isFirst, torus.cost <= mostExpensive, torus.isBounded(by: claim, workers) { return true }
    guard stencil.count <= LinearMap.mostTransposed else { return false }
    return isBounded(explicit: explicit(), by: claim, workers)
      || (!isFirst && torus.cost <= mostExpensive && torus.isBounded(by: claim, workers))
  }

  /// By its rows, its columns or a Gram matrix.
  private static func isBounded(
    explicit map: LinearMap, by claim: Double, _ workers: Workers
  ) -> Bool {
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
    return best.cost <= mostExpensive && best.isBounded(by: claim, bestProfile, workers)
  }

  /// Whether plain sums confirm the products that a factorization for a map consists of.
  static func isConfirmed(_ map: LinearMap, _ workers: Workers) -> Bool {
    guard let transposed = map.transposed else { return false }
    let image = map.stencil?.output ?? map.adjoint?.input
    return Gram(map, transposed: transposed, image: image).isConfirmed(map.profile, workers)
  }
}
