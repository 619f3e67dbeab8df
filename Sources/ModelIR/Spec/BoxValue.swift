import Diagnostics
import SpecSyntax

/// The word for inputs without limits.
public enum NoneWord: String, WordValue {
  case none
}

/// Two numbers that every element of an input lies between.
public struct InputRange: SpecValue, Hashable {
  /// The lower limit.
  public let low: ExactNumber
  /// The upper limit.
  public let high: ExactNumber

  /// `[low, high]`.
  public static let typeName = "[low, high]"
  /// A list of two numbers.
  public static let form = SpecForm.list(of: .number(), counts: 2...2)
  /// Replaces a faulty value.
  public static var placeholder: InputRange {
    InputRange(low: ExactNumber(0), high: ExactNumber(1))
  }

  /// Reads a list of two numbers.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> InputRange? {
    guard let list = node.sequence else {
      diagnostics.append(
        .error(
          .spec, "wrong-type", "'\(key)' must be 'none' or [low, high], found \(node.typeName)",
          at: node.span))
      return nil
    }
    guard list.count == 2 else {
      diagnostics.append(
        .error(
          .spec, "wrong-length",
          "'\(key)' must be 'none' or [low, high], found a list of \(list.count)",
          at: node.span))
      return nil
    }
    let low = ExactNumber.decode(list[0], key: key, &diagnostics)
    let high = ExactNumber.decode(list[1], key: key, &diagnostics)
    guard let low, let high else { return nil }
    return InputRange(low: low, high: high)
  }

  /// `[low, high]`.
  public var specText: String { "[\(low.specText), \(high.specText)]" }

  /// Whether the numbers are in order, in float32 too.
  var isOrdered: Bool { Float(low.nearest) < Float(high.nearest) }
}

/// The inputs that attacks stay among: two numbers, or `none` for all of ℝ.
public typealias BoxValue = WordOr<NoneWord, InputRange>

extension WordOr<NoneWord, InputRange> {
  /// The box, in input units; nil for all of ℝ.
  public var box: AttackBox? {
    switch self {
    case .word(.none): nil
    case .other(let range): AttackBox(low: range.low.nearest, high: range.high.nearest)
    }
  }
}
