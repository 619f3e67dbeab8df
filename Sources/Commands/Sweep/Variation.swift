import Diagnostics
import Digest

/// A value of a spec that a sweep changes: `train.seed=1..5` or `let.c=0.5,1`.
struct Variation {
  let path: String
  /// The texts that the path takes in turn.
  let values: [String]

  /// The most integers that a range stands for.
  private static let longest = 10_000

  /// Reads `path=v1,v2` or `path=first..last`; throws `usage.vary`.
  init(_ argument: String) throws(Failure) {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
      throw Self.fault("'--vary' must be 'path.to.key=value,value', found '\(argument)'")
    }
    path = String(argument[..<equals])
    let text = String(argument[argument.index(after: equals)...])
    values = try Self.range(text) ?? Self.list(text)
    guard !values.contains("") else {
      throw Self.fault("'--vary \(argument)' has an empty value")
    }
    guard Set(values).count == values.count else {
      throw Self.fault("'--vary \(argument)' has a value twice")
    }
  }

  private static func fault(_ message: String) -> Failure {
    Failure(
      Diagnostic(
        .init(.usage, "vary"), message, at: .none,
        help: "write '--vary train.seed=1..5' or '--vary let.c=0.5,1,2'"))
  }

  private static func range(_ text: String) throws(Failure) -> [String]? {
    guard let found = text.wholeMatch(of: /(-?\d{1,9})\.\.(-?\d{1,9})/),
      let first = Int(found.output.1), let last = Int(found.output.2)
    else { return nil }
    guard first <= last, last - first < longest else {
      throw fault("a range must ascend over at most \(longest) integers, found '\(text)'")
    }
    return (first...last).map(String.init)
  }

  /// The parts between commas outside brackets and quotes.
  private static func list(_ text: String) -> [String] {
    var parts = [""]
    var depth = 0
    var quote: Character?
    for character in text {
      switch character {
      case _ where quote != nil: if character == quote { quote = nil }
      case "'", "\"": quote = character
      case "[", "{", "(": depth += 1
      case "]", "}", ")": depth -= 1
      case "," where depth == 0:
        parts.append("")
        continue
      case _: break
      }
      parts[parts.count - 1].append(character)
    }
    return parts.map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// Every choice of a value for each path, the last path changing fastest, as overrides.
  static func combinations(_ variations: [Variation]) -> [[String]] {
    variations.reduce([[]]) { chosen, variation in
      chosen.flatMap { overrides in variation.values.map { overrides + ["\(variation.path)=\($0)"] }
      }
    }
  }

  /// A name for the folder of a choice: legible, and different for different choices.
  static func folderName(_ overrides: [String]) -> String {
    let text = overrides.joined(separator: "_")
    let safe = String(
      text.unicodeScalars.map { scalar -> Character in
        let isPlain =
          scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
          || "._=-".unicodeScalars.contains(scalar)
        return isPlain ? Character(scalar) : "-"
      })
    guard safe != text || safe.count > 100 || safe.hasPrefix(".") else { return safe }
    let digest = SHA256.hexadecimalDigest(of: Array(text.utf8)).prefix(8)
    return String(safe.drop { $0 == "." }.prefix(80)) + "-" + digest
  }
}
