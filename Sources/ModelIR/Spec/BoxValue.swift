import Diagnostics
import SpecSyntax

/// The inputs that attacks stay among: two numbers, or no limit.
public enum BoxValue: SpecValue, Hashable {
  /// All of ℝ.
  case none
  /// Every element between two numbers, the first below the second.
  case range(ExactNumber, ExactNumber)

  /// The box, in input units; nil for all of ℝ.
  public var box: AttackBox? {
    switch self {
    case .none: nil
    case .range(let low, let high): AttackBox(low: low.nearest, high: high.nearest)
    }
  }

  /// What messages and the manual call it.
  public static let typeName = "`none` or [low, high]"

  /// Reads the word or a list of two.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> BoxValue? {
    guard let list = node.sequence else {
      if node.scalar == "none" { return BoxValue.none }
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'\(key)' must be 'none' or [low, high], found \(node.typeName)",
          at: node.span))
      return nil
    }
    guard list.count == 2 else {
      diagnostics.append(
        .error(
          .spec, "wrong-length", "'\(key)' must be two numbers, [low, high], found \(list.count)",
          at: node.span))
      return nil
    }
    let low = ExactNumber.decode(list[0], key: key, &diagnostics)
    let high = ExactNumber.decode(list[1], key: key, &diagnostics)
    guard let low, let high else { return nil }
    return .range(low, high)
  }

  /// The word or the list.
  public var specText: String {
    switch self {
    case .none: "none"
    case .range(let low, let high): "[\(low.specText), \(high.specText)]"
    }
  }

  /// Whether the numbers are in order, in float32 too.
  var isOrdered: Bool {
    switch self {
    case .none: true
    case .range(let low, let high): Float(low.nearest) < Float(high.nearest)
    }
  }
}
