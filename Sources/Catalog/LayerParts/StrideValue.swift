import Diagnostics
import ModelIR
import SpecSyntax

/// The step between pooling windows: extents, or `kernel` for windows that touch and do not overlap.
enum StrideValue: SpecValue, Hashable {
  case kernel
  case extents(PairValue)

  static let typeName = "integer, [height, width] or `kernel`"

  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> StrideValue? {
    if node.scalar == "kernel" { return .kernel }
    return PairValue.decode(node, key: key, &diagnostics).map(StrideValue.extents)
  }

  var specText: String {
    switch self {
    case .kernel: "kernel"
    case .extents(let pair): pair.specText
    }
  }

  /// The extents for a kernel.
  func pair(kernel: PairValue) -> PairValue {
    switch self {
    case .kernel: kernel
    case .extents(let pair): pair
    }
  }
}

extension SpecKey<StrideValue>.Requirement {
  /// As for kernels.
  static let strides = Self("at least 1 and at most 32768") { stride in
    switch stride {
    case .kernel: true
    case .extents(let pair): pair.array.allSatisfy { (1...32768).contains($0) }
    }
  }
}
