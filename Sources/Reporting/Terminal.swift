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
  public static var progress: ProgressBar.Style { isatty(STDERR_FILENO) == 1 ? .bar : .log }

  /// Whether text on a stream is colored.
  public static func isColored(_ choice: ColorChoice, on descriptor: Int32) -> Bool {
    switch choice {
    case .always: true
    case .never: false
    case .auto: isatty(descriptor) == 1 && getenv("NO_COLOR") == nil
    }
  }

  /// Writes all of a text; false where that fails.
  @discardableResult
  public static func write(_ text: String, to descriptor: Int32) -> Bool {
    AtomicFile.writeAll(Array(text.utf8), to: descriptor)
  }
}
