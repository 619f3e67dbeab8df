/// How words stand out on a terminal: ANSI escapes where text is colored, nothing elsewhere.
public struct TextStyle: Sendable {
  /// What a word is.
  public enum Look: String, Sendable {
    case strong = "1"
    case error = "1;31"
    case warning = "1;35"
    case note = "1;36"
    case help = "1;32"
    /// A check that passed, green.
    case passed = "32"
    /// A check that failed, red.
    case failed = "31"
    /// A check that nothing has decided, yellow.
    case undecided = "33"
  }

  /// Whether anything stands out.
  public let isColored: Bool

  /// A style.
  public init(isColored: Bool) { self.isColored = isColored }

  /// For files, pipes, and people who want no colors.
  public static let plain = TextStyle(isColored: false)

  /// The text with its look.
  public func callAsFunction(_ text: String, _ look: Look?) -> String {
    guard isColored, let look, !text.isEmpty else { return text }
    return "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m"
  }
}
