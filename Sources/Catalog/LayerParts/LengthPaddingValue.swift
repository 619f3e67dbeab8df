import Diagnostics
import ModelIR
import SpecSyntax

/// Zeros at both ends of a signal: an extent or `same`.
enum LengthPaddingValue: SpecValue, Hashable {
  case extent(Int)
  case same

  static let typeName = "integer or `same`"

  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> LengthPaddingValue? {
    if node.scalar == "same" { return .same }
    return Int.decode(node, key: key, &diagnostics).map(LengthPaddingValue.extent)
  }

  var specText: String {
    switch self {
    case .extent(let extent): extent.specText
    case .same: "same"
    }
  }

  /// The padding of the signal as an image of height 1.
  var asImage: PaddingValue {
    switch self {
    case .extent(let extent): .extents(PairValue(0, extent))
    case .same: .same
    }
  }
}

extension SpecKey<LengthPaddingValue>.Requirement {
  /// Not negative, and small enough that sums with an extent cannot overflow.
  static let lengths = Self("at least 0 and at most 32768") { padding in
    switch padding {
    case .same: true
    case .extent(let extent): (0...32768).contains(extent)
    }
  }
}
