import Diagnostics
import Files
import Glibc

/// When text is colored.
public enum ColorChoice: String, Sendable, CaseIterable {
  case auto, always, never
}

/// The standard streams.
public enum Terminal {
  /// Columns of the terminal on a stream; 80 where that is unknown.
  public static func columns(of descriptor: Int32 = STDOUT_FILENO) -> Int {
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  /// How progress is shown on standard error.
  public static var progress: ProgressBar.Style { hasEscapes(STDERR_FILENO) ? .bar : .log }

  /// How words stand out on a stream.
  public static func style(_ choice: ColorChoice, on descriptor: Int32) -> TextStyle {
    switch choice {
    case .always: TextStyle(isColored: true)
    case .never: .plain
    case .auto: TextStyle(isColored: hasEscapes(descriptor) && variable("NO_COLOR").isEmpty)
    }
  }

  /// Whether a stream is a terminal that acts on ANSI escapes.
  private static func hasEscapes(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && variable("TERM") != "dumb"
  }

  private static func variable(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }

  /// Writes all of a text; false where that fails.
  @discardableResult
  public static func write(_ text: String, to descriptor: Int32) -> Bool {
    AtomicFile.writeAll(Array(text.utf8), to: descriptor)
  }
}
