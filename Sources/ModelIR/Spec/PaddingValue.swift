import Diagnostics
import SpecSyntax

/// Zeros around an image: an extent for each axis, put on both sides, or `same`.
public enum PaddingValue: SpecValue, Hashable {
  /// Rows above and below, columns left and right.
  case extents(PairValue)
  /// As many zeros as make the output's extent the input's divided by the stride, rounded up.
  case same

  /// What messages and the manual call it.
  public static let typeName = "integer, [height, width] or `same`"

  /// Reads `same`, an integer or a list of two.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> PaddingValue? {
    if node.scalar == "same" { return .same }
    return PairValue.decode(node, key: key, &diagnostics).map(PaddingValue.extents)
  }

  /// The notation that decodes to this.
  public var specText: String {
    switch self {
    case .extents(let pair): pair.specText
    case .same: "same"
    }
  }

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
    case .extents(let pair):
      return (pair.array[axis], pair.array[axis])
    case .same:
      let outputs = (extent + stride - 1) / stride
      let total = max(0, (outputs - 1) * stride + span - extent)
      return (total / 2, total - total / 2)
    }
  }
}

extension SpecKey<PaddingValue>.Requirement {
  /// Not negative, and small enough that sums with an extent cannot overflow.
  public static let padding = Self("at least 0 and at most 32768") {
    switch $0 {
    case .same: true
    case .extents(let pair): pair.array.allSatisfy { (0...32768).contains($0) }
    }
  }
}
