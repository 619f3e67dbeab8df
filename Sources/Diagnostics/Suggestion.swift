/// Finds the name that a misspelled one stands for.
public enum Suggestion {
  /// The known name nearest to a word, if it is near enough to be suggested.
  ///
  /// Distance is that of Damerau and Levenshtein (insert, delete, replace, swap neighbors) and
  /// ignores case; at most a third of the word may differ. Among equally near names the first is taken.
  /// Cost: O(length² · names); words of more than 64 characters have no suggestion.
  public static func nearest(to word: String, in names: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased().unicodeScalars)
    guard !letters.isEmpty, letters.count <= 64 else { return nil }
    var best: (name: String, distance: Int)?
    for name in names {
      let other = Array(name.lowercased().unicodeScalars)
      let limit = max(1, max(letters.count, other.count) / 3)
      guard other.count <= 64, abs(other.count - letters.count) <= limit else { continue }
      let distance = distance(letters, other)
      if distance <= limit, distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
  }

  /// `in lmtc this is 'dense'` for a name of another framework, `did you mean 'filters'?` if a known name is near,
  /// otherwise the list of names if it is short.
  public static func help(for word: String, in names: [String], kind: String) -> String? {
    if let own = ForeignName.meaning(of: word, in: names) { return "in lmtc this is '\(own)'" }
    if let near = nearest(to: word, in: names) { return "did you mean '\(near)'?" }
    guard !names.isEmpty, names.count <= 12 else { return nil }
    return "\(kind): " + names.map { "'\($0)'" }.joined(separator: ", ")
  }

  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, beforeLast[j - 1] + 1)
        }
        row.append(least)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
