import Diagnostics
import Glibc

/// Standard output for results, standard error for diagnostics.
struct Console {
  private let renderer: DiagnosticText
  let isJSON: Bool

  init(_ invocation: Invocation) { self.init(isJSON: invocation.isJSON, color: invocation.color) }

  init(isJSON: Bool, color: ColorChoice) {
    self.isJSON = isJSON
    let isColored =
      switch color {
      case .always: true
      case .never: false
      case .auto: ProgressBar.isTerminal && getenv("NO_COLOR") == nil
      }
    renderer = DiagnosticText(isColored: isColored)
  }

  /// Prints diagnostics on standard error.
  func show(_ diagnostics: [Diagnostic]) {
    if !diagnostics.isEmpty { Self.write(renderer.render(diagnostics), to: STDERR_FILENO) }
  }

  /// Ends a command that found errors: as text on standard error, or as JSON on standard output.
  func fail(_ diagnostics: [Diagnostic]) -> ExitCode {
    if isJSON {
      let document: JSONValue = ["diagnostics": .array(diagnostics.map(\.json))]
      Self.write(document.prettyText, to: STDOUT_FILENO)
    } else {
      show(diagnostics)
    }
    return ExitCode(for: diagnostics)
  }

  /// Prints a remark on standard error.
  func note(_ text: String) { Self.write("lmtc: \(text)\n", to: STDERR_FILENO) }

  /// Prints a result on standard output; throws `file.unwritable` where it does not arrive.
  ///
  /// A full disk is such a fault; a reader that has gone away is not an error of ours.
  func write(_ text: String) throws(Failure) {
    guard !Self.write(text, to: STDOUT_FILENO), errno != EPIPE else { return }
    throw AtomicFile.unwritable("standard output")
  }

  /// Writes all of a text; false where that fails.
  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    AtomicFile.writeAll(Array(text.utf8), to: descriptor)
  }
}
