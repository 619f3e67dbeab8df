import ModelIR

/// The matrices of composed maps that were computed last, up to a total size, for longer compositions that
/// begin with the same maps.
struct RecentMatrices {
  /// The maps whose composition is multiplied out, in the order in which a matrix is multiplied by them or,
  /// from the input's side, by their transposes.
  struct Path: Hashable {
    var maps: [LinearMaps.ID]
    let isTransposed: Bool
  }

  /// The most elements of all matrices that are kept, 32 MiB; the last one is kept in any case.
  static let mostElements = 1 << 22

  /// nil for a map that has no matrix.
  private var matrices: [Path: ExplicitMatrix?] = [:]
  /// The paths of matrices, the one that was used last at the end.
  private var order: [Path] = []
  private var elements = 0

  /// The matrix, or nil inside if there is none; nil if it is not kept.
  mutating func find(_ path: Path) -> ExplicitMatrix?? {
    guard let known = matrices[path] else { return nil }
    if let place = order.firstIndex(of: path) { order.append(order.remove(at: place)) }
    return known
  }

  /// Keeps a matrix, and no longer those that were used least recently.
  mutating func keep(_ matrix: ExplicitMatrix?, of path: Path) {
    matrices[path] = .some(matrix)
    guard let matrix else { return }
    order.append(path)
    elements += matrix.count
    while elements > Self.mostElements, order.count > 1 {
      elements -= (matrices.removeValue(forKey: order.removeFirst()) ?? nil)?.count ?? 0
    }
  }
}
