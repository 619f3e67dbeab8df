import Diagnostics
import Files
import Manual

/// `lmtc schema`: the JSON Schema of the spec language.
public struct SchemaCommand {
  private let outputPath: String?

  /// A command; without a path it prints the schema.
  public init(outputPath: String?) { self.outputPath = outputPath }

  /// Runs the command.
  public func run() -> ExitCode {
    let console = Console(isJSON: true, color: .never)
    do {
      let text = SpecSchema.document.prettyText
      if let outputPath {
        try AtomicFile.write(text, to: outputPath)
      } else {
        try console.write(text)
      }
      return .success
    } catch {
      return console.fail(error.diagnostics)
    }
  }
}
