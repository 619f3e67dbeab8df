import ArgumentParser
import Commands
import Compiler
import Diagnostics

/// The command line: arguments in, exit code out.
@main
struct LMTC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lmtc",
    abstract: "Compile a YAML network description into a trainer and certifier.",
    discussion: """
      Exit codes: 0 success, 1 the spec has errors or training diverged, 2 a requirement fails, \
      3 a certificate was contradicted, 64 invalid arguments, 65 malformed data or weights, 66 a file is missing or \
      cannot be read or written, 69 no such device or plugin, 70 a bug in lmtc, 130 interrupted.
      """,
    version: Product.version,
    subcommands: [
      CompileArguments.self, RunArguments.self, CertifyArguments.self, MergeArguments.self,
      VerifyArguments.self, AuditArguments.self, PredictArguments.self, ImportArguments.self,
      ExportArguments.self, ReportArguments.self,
      CompareArguments.self, SweepArguments.self, GateArguments.self, ExplainArguments.self,
      SchemaArguments.self,
      VersionArguments.self,
    ])

  static func main() {
    Bug.catchTraps()
    SignalMask.ignoreFileSizeLimit()
    if let word = CommandLine.arguments.dropFirst().first, let advice = advice(on: word) {
      exit(withError: ValidationError("there is no command '\(word)': \(advice)"))
    }
    main(nil)
  }

  /// What to write instead of a word that is no command; nil for commands, options, and words that resemble no command.
  private static func advice(on word: String) -> String? {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard !word.hasPrefix("-"), !names.contains(word) else { return nil }
    let others = ["train": "run", "test": "certify", "eval": "certify", "check": "compile"]
    if let other = others[word] { return "in lmtc this is '\(other)'" }
    let near = Suggestion.nearest(to: word, in: names + others.keys.sorted())
    return near.map { "did you mean '\(others[$0] ?? $0)'?" }
  }
}

/// Runs a command and ends the process with its code, success by returning.
func finish(_ command: () throws -> Diagnostics.ExitCode) throws {
  let code: Diagnostics.ExitCode
  do { code = try command() } catch { code = Bug.report(error) }
  if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
}
