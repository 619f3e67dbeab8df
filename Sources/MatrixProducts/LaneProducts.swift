import CMatrixKernels

/// Sums of products for 16 columns side by side, such as 16 samples: rows of coefficients times elements that
/// are chosen by their places, with 16 lanes each.
///
/// Every sum has each of its products once, added to a partial sum that starts at 0, with or without a fused
/// multiply-add, in an order that depends only on the places.
public enum LaneProducts {
  /// The number of columns side by side.
  public static let lanes = Int(LMTC_LANES)
  /// The number of rows that are multiplied at once.
  public static let rows = Int(LMTC_ROWS)

  /// sums[r·16 + l] = Σₖ rows[rowPlaces[k] + r] · elements[elementPlaces[k] + l] in Double, over `count` products,
  /// for the `rows` rows of a block and all lanes.
  ///
  /// The places may be the same for several k.
  @inline(__always)
  public static func sums(
    _ rows: UnsafePointer<Double>, _ rowPlaces: UnsafePointer<Int32>?,
    _ elements: UnsafePointer<Double>, _ elementPlaces: UnsafePointer<Int32>?, count: Int,
    into sums: UnsafeMutablePointer<Double>
  ) {
    lmtc_products_double(rows, rowPlaces, elements, elementPlaces, count, sums)
  }

  /// The same in float32.
  @inline(__always)
  public static func sums(
    _ rows: UnsafePointer<Float>, _ rowPlaces: UnsafePointer<Int32>?,
    _ elements: UnsafePointer<Float>, _ elementPlaces: UnsafePointer<Int32>?, count: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    lmtc_products_float(rows, rowPlaces, elements, elementPlaces, count, sums)
  }
}
