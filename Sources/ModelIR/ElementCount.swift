/// The number of elements of a shape, and the largest that a tensor of a model may have.
///
/// Shapes come from a spec, so their product may not fit; every size is counted here before anything
/// is multiplied or allocated.
public enum ElementCount {
  /// 2³¹: no tensor of one sample and no parameter has more elements.
  public static let limit = 1 << 31

  /// The product of the extents, or nil if one is not positive or the product exceeds ``limit``.
  public static func of(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      guard extent > 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= limit else { return nil }
      count = product
    }
    return count
  }
}
