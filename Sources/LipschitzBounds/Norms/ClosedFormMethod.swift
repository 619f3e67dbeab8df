import Enclosure
import MatrixProducts

/// Exact norms of matrices whose rows, or whose columns, have disjoint supports: a single row or
/// column, a diagonal or permutation matrix, an average over windows that do not overlap.
///
/// Rows with disjoint supports are orthogonal, so A Aᵀ is diagonal and ‖A‖ is the largest row norm.
/// Exact up to rounding; takes one pass over the elements.
struct ClosedFormMethod: NormMethod {
  static let name = "closed form"
  static let theorem = "rows or columns with disjoint supports are orthogonal"
  static let summary = "the largest row or column norm, exact up to rounding"

  func cost(of block: any LinearBlock) -> Double? {
    guard let dense = block as? DenseBlock else { return nil }
    return dense.hasDisjointRows || dense.hasDisjointColumns ? Double(dense.elements.count) : nil
  }

  func bound(_ block: any LinearBlock, _ workers: Workers) -> BlockBound {
    guard let dense = block as? DenseBlock else {
      return BlockBound(upper: block.magnitude, reason: "not a matrix")
    }
    let byRows = dense.hasDisjointRows
    let norms = (0..<(byRows ? dense.rows : dense.columns)).map { index in
      AccumulatedError.euclideanNorm(byRows ? dense.row(index) : dense.column(index))
    }
    return BlockBound(
      upper: norms.map(\.upper).max() ?? .zero, lower: norms.map(\.lower).max() ?? .zero,
      reason: "\(byRows ? "rows" : "columns") of disjoint support")
  }
}

extension DenseBlock {
  /// Whether every column has at most one nonzero element.
  fileprivate var hasDisjointRows: Bool {
    rows == 1 || (0..<columns).allSatisfy { j in column(j).count { $0 != 0 } <= 1 }
  }

  /// Whether every row has at most one nonzero element.
  fileprivate var hasDisjointColumns: Bool {
    columns == 1 || (0..<rows).allSatisfy { i in row(i).count { $0 != 0 } <= 1 }
  }

  fileprivate func row(_ i: Int) -> [Double] { Array(elements[i * columns..<(i + 1) * columns]) }

  fileprivate func column(_ j: Int) -> [Double] {
    stride(from: j, to: elements.count, by: columns).map { elements[$0] }
  }
}
