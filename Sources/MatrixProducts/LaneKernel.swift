import CMatrixKernels

/// The inner loop of products of a matrix with several vectors at once.
///
/// Vectors are stored element by element, the numbers of all vectors side by side: a *lane* is one vector.
/// Rows of the matrix are stored likewise, in blocks.
public enum LaneKernel {
  /// The rows of a block.
  public static let rows = Int(LMTC_ROWS)
  /// The vectors that are multiplied at once.
  public static let lanes = Int(LMTC_LANES)

  /// sums[16r + l] = Σₖ rows[rowPlaces[k] + r] · vectors[vectorPlaces[k] + l].
  ///
  /// Every sum has `count` products, each added once to a partial sum that starts at 0, with or without a
  /// fused multiply-add.
  public static func multiply(
    _ rows: UnsafePointer<Double>, at rowPlaces: UnsafePointer<Int32>,
    _ vectors: UnsafePointer<Double>, at vectorPlaces: UnsafePointer<Int32>, count: Int,
    into sums: UnsafeMutablePointer<Double>
  ) {
    lmtc_products_double(rows, rowPlaces, vectors, vectorPlaces, count, sums)
  }
}
