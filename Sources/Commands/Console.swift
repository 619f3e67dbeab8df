import Diagnostics
import Files
import Glibc
import Reporting

/// Standard output for results, standard error for diagnostics.
struct Console {
  private let renderer: DiagnosticText
  /// How words stand out in results.
  let style: TextStyle
  let isJSON: Bool

  init(_ invocation: Invocation) { self.init(isJSON: invocation.isJSON, color: invocation.color) }

  init(isJSON: Bool, color: ColorChoice) {
    self.isJSON = isJSON
    style = Terminal.style(color, on: STDOUT_FILENO)
    renderer = DiagnosticText(Terminal.style(color, on: STDERR_FILENO))
  }

  func show(_ diagnostics: [Diagnostic]) {
    if !diagnostics.isEmpty { Terminal.write(renderer.render(diagnostics), to: STDERR_FILENO) }
  }

  /// Reports errors and returns their exit code: as text on standard error, or as JSON on standard output.
  func fail(_ diagnostics: [Diagnostic]) -> ExitCode {
    if isJSON {
      let document: JSONValue = ["diagnostics": .array(diagnostics.map(\.json))]
      Terminal.write(document.prettyText, to: STDOUT_FILENO)
    } else {
      show(diagnostics)
    }
    return ExitCode(for: diagnostics)
  }

  /// Prints a note on standard error.
  static func note(_ text: String) { Terminal.write("lmtc: \(text)\n", to: STDERR_FILENO) }

  /// Prints a result on standard output; throws `file.unwritable` if that fails, for instance because the disk
  /// is full.
  ///
  /// A closed pipe is not an error.
  func write(_ text: String) throws(Failure) {
    guard !Terminal.write(text, to: STDOUT_FILENO), errno != EPIPE else { return }
    throw AtomicFile.unwritable("standard output")
  }
}
