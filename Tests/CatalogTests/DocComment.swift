import Foundation

/// Doc comments of the catalog's sources.
enum DocComment {
  /// The comment before a struct, enum or `Enum.case`, as Markdown; nil where the source does not
  /// declare it.
  static func text(of name: String, in source: String) -> String? {
    var lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let path = name.split(separator: ".")
    guard var end = lines.firstIndex(where: { declares(path[0], $0) }) else { return nil }
    if path.count > 1 {
      lines = lines[end...].map { $0.drop { $0 == " " } }
      guard let found = lines.firstIndex(of: "case \(path[1])") else { return nil }
      end = found
    }
    let start = lines[..<end].lastIndex { !$0.hasPrefix("///") } ?? -1
    return lines[(start + 1)..<end].map { $0.dropFirst($0.hasPrefix("/// ") ? 4 : 3) }
      .joined(separator: "\n")
  }

  private static func declares(_ type: Substring, _ line: Substring) -> Bool {
    ["struct ", "enum "].contains { keyword in
      let rest = line.hasPrefix("public ") ? line.dropFirst(7) : line
      let after = rest.dropFirst(keyword.count + type.count).first
      return rest.hasPrefix(keyword + type) && after?.isLetter != true
    }
  }
}
