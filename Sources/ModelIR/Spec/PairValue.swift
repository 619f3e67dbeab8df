import Diagnostics
import SpecSyntax

/// Two extents, [height, width]: written as one integer for both or as a list of two.
public struct PairValue: SpecValue, Hashable {
  /// The first, of rows.
  public let height: Int
  /// The second, of columns.
  public let width: Int

  /// Both extents.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }
  /// The same extent twice.
  public init(_ both: Int) { self.init(both, both) }

  /// [height, width].
  public var array: [Int] { [height, width] }

  /// What messages and the manual call it.
  public static let typeName = "integer or [height, width]"
  /// An integer or a list of two.
  public static let form = SpecForm.either([.integer(), .list(of: .integer(), counts: 2...2)])
  /// Replaces a faulty value.
  public static let placeholder = PairValue(1)

  /// Reads an integer or a list of two.
  public static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> PairValue? {
    guard let list = node.sequence else {
      return Int.decode(node, key: key, &diagnostics).map(PairValue.init)
    }
    guard list.count == 2 else {
      diagnostics.append(
        .error(
          .spec, "wrong-length",
          "'\(key)' must be an integer or [height, width], found a list of \(list.count)",
          at: node.span))
      return nil
    }
    let height = Int.decode(list[0], key: key, &diagnostics)
    let width = Int.decode(list[1], key: key, &diagnostics)
    guard let height, let width else { return nil }
    return PairValue(height, width)
  }

  /// The shorter of both notations.
  public var specText: String { height == width ? "\(height)" : "[\(height), \(width)]" }
}
