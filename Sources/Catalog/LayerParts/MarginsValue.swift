import Diagnostics
import ModelIR
import SpecSyntax

/// Rows and columns on the four sides of an image: one number, `[height, width]` for both sides of each
/// axis, or `[top, bottom, left, right]`.
struct MarginsValue: LengthsValue, Hashable {
  let top: Int
  let bottom: Int
  let left: Int
  let right: Int

  /// Amounts before the first element of [C, H, W] along each axis.
  var low: [Int] { [0, top, left] }
  /// Amounts after the last element along each axis.
  var high: [Int] { [0, bottom, right] }

  var lengths: [Int] { [top, bottom, left, right] }

  static let typeName = "integer, [height, width] or [top, bottom, left, right]"
  static let form = SpecForm.either([
    .integer(), .list(of: .integer(), counts: 2...2), .list(of: .integer(), counts: 4...4),
  ])
  static let placeholder = MarginsValue([1, 1, 1, 1])

  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> MarginsValue? {
    guard let count = node.sequence?.count else {
      return Int.decode(node, key: key, &diagnostics).map { MarginsValue([$0, $0, $0, $0]) }
    }
    guard let list = [Int].decode(node, key: key, &diagnostics) else { return nil }
    guard count == 2 || count == 4 else {
      diagnostics.append(
        .error(
          .spec, "wrong-length", "'\(key)' must be \(typeName), found \(count) elements",
          at: node.span))
      return nil
    }
    return MarginsValue(count == 4 ? list : [list[0], list[0], list[1], list[1]])
  }

  private init(_ sides: [Int]) {
    (top, bottom, left, right) = (sides[0], sides[1], sides[2], sides[3])
  }

  var specText: String { Set(lengths).count == 1 ? top.specText : lengths.specText }
}
