/// The word for padding that keeps the extent at stride 1.
public enum SameWord: String, WordValue {
  case same
}

/// Zeros around an image: an extent for each axis, put on both sides, or `same`.
public typealias PaddingValue = WordOr<SameWord, PairValue>

extension WordOr<SameWord, PairValue> {
  /// The zeros before and after the elements of one axis.
  ///
  /// For `same` the total is max(0, (⌈extent/stride⌉ − 1)·stride + span − extent); an odd one puts
  /// the extra zero last.
  ///
  /// - Parameters:
  ///   - axis: 0 for rows, 1 for columns.
  ///   - extent: of the input.
  ///   - span: from the first to the last tap of the window, dilation included.
  ///   - stride: between windows.
  public func amounts(
    axis: Int, extent: Int, span: Int, stride: Int
  ) -> (low: Int, high: Int) {
    switch self {
    case .other(let pair):
      return (pair.array[axis], pair.array[axis])
    case .word(.same):
      let outputs = (extent + stride - 1) / stride
      let total = max(0, (outputs - 1) * stride + span - extent)
      return (total / 2, total - total / 2)
    }
  }
}

extension SpecKey<PaddingValue>.Requirement {
  /// Not negative, and small enough that sums with an extent cannot overflow.
  public static let padding = other(.each(.range(0...32768)))
}
