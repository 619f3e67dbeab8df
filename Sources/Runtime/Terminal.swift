import Glibc

/// What standard output leads to.
enum Terminal {
  /// Columns of the terminal; 80 where standard output is none or does not tell.
  static var columns: Int {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  /// Whether text on standard output is coloured.
  static func isColored(_ choice: ColorChoice) -> Bool {
    switch choice {
    case .always: true
    case .never: false
    case .auto: isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    }
  }
}
