import CMatrixKernels

/// Sums of products for 16 samples side by side: rows of coefficients times elements that are chosen by
/// their places, with 16 lanes each.
///
/// Every sum has each of its products once, added to a partial sum that starts at 0, with or without a fused
/// multiply-add, in an order that depends only on the places.
public enum LaneProducts {
  /// The number of samples side by side.
  public static let lanes = Int(LMTC_LANES)
  /// The number of rows that are multiplied at once.
  public static let rows = Int(LMTC_ROWS)

  /// sums[r·16 + l] = Σₖ rows[rowPlaces[k] + r] · elements[elementPlaces[k] + l] in Double, for the `rows` rows
  /// of a block and all lanes.
  @inline(__always)
  public static func sums(
    _ rows: UnsafePointer<Double>, _ rowPlaces: UnsafeBufferPointer<Int32>,
    _ elements: UnsafePointer<Double>, _ elementPlaces: UnsafeBufferPointer<Int32>,
    into sums: UnsafeMutablePointer<Double>
  ) {
    precondition(rowPlaces.count == elementPlaces.count)
    lmtc_products_double(
      rows, rowPlaces.baseAddress, elements, elementPlaces.baseAddress, rowPlaces.count, sums)
  }

  /// The same in float32.
  @inline(__always)
  public static func sums(
    _ rows: UnsafePointer<Float>, _ rowPlaces: UnsafeBufferPointer<Int32>,
    _ elements: UnsafePointer<Float>, _ elementPlaces: UnsafeBufferPointer<Int32>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    precondition(rowPlaces.count == elementPlaces.count)
    lmtc_products_float(
      rows, rowPlaces.baseAddress, elements, elementPlaces.baseAddress, rowPlaces.count, sums)
  }
}
