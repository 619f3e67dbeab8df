import ArgumentParser
import CPUBackend
import Execution
import Runtime

/// `lmtc compile`.
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Check a spec: shapes, parameters, the bound of each layer and of the network.")

  @OptionGroup var options: SpecOptions

  @Option(help: "Print a stage instead: \(Stage.list).")
  var emit: Stage?

  @Option(name: .customShort("o"), help: "Write to a file instead of standard output.")
  var output: String?

  @Flag(help: "Print the derivation of the bound line by line, and every norm in it.")
  var explainBounds = false

  func run() throws {
    try finish {
      try Compile(
        options.invocation, backends: Engines.all, stage: emit, outputPath: output,
        explainsBounds: explainBounds
      ).run()
    }
  }
}

/// `lmtc run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Train, certify and report; writes the run folder.")

  @OptionGroup var options: SpecOptions

  @Option(help: "The run folder; 'runs/<name>' by default.")
  var out: String?

  @Flag(help: "Go on from the folder's checkpoint.")
  var resume = false

  func run() throws {
    try finish {
      try Run(options.invocation, backends: Engines.all, folder: out, isResumed: resume).run()
    }
  }
}

/// `lmtc certify`.
struct CertifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certify", abstract: "Certify given weights without training.")

  @OptionGroup var options: SpecOptions

  @Option(help: "Write the result, the certificate and what it rests on into this folder.")
  var out: String?

  func validate() throws {
    if options.weights == nil {
      throw ValidationError("'certify' needs '--weights FILE'")
    }
  }

  func run() throws {
    try finish { try Certify(options.invocation, backends: Engines.all, folder: out).run() }
  }
}

/// `lmtc verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a certificate again, by a program apart from the certifier.")

  @Argument(help: "The certificate, certificate.json of a run folder.")
  var certificate: String

  @Option(help: "Re-evaluate so many points, spread evenly; all by default.")
  var sample: Int?

  @Option(help: "Points that are evaluated at a time; all cores by default.")
  var threads: Int?

  @Flag(help: "Print one JSON object instead of a line.")
  var json = false

  @Option(help: "Colour in diagnostics: auto, always or never.")
  var color: ColorChoice = .auto

  func validate() throws {
    try require(threads: threads)
    if let sample, sample < 1 {
      throw ValidationError("'--sample' must be at least 1, found \(sample)")
    }
  }

  func run() throws {
    try finish {
      try Verify(
        path: certificate, sample: sample, threads: threads, isJSON: json, color: color
      ).run()
    }
  }
}

/// `lmtc explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Print the manual's page of a layer, loss, method, diagnostic, …, or list them.")

  @Argument(help: "The id, such as 'conv2d', 'cholesky' or 'spec.unknown-key'.")
  var id: [String] = []

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  @Option(help: "Colour: auto, always or never.")
  var color: ColorChoice = .auto

  func run() throws {
    let words = id.isEmpty ? nil : id.joined(separator: " ")
    try finish { Explain(words, isJSON: json, color: color).run() }
  }
}

extension Stage: ExpressibleByArgument {}

/// The engines that `--device` chooses from.
enum Engines {
  static let all: [any EngineFactory] = [CPUEngine()]
}

/// `--device cpu`.
struct CPUEngine: EngineFactory {
  let name = "cpu"
  func make(threads: Int?) -> any Backend {
    CPUBackend(threads: threads ?? Machine.cores)
  }
}

/// Runs a command and ends the process with its code, success by returning.
func finish(_ command: () throws -> Runtime.ExitCode) throws {
  let code: Runtime.ExitCode
  do { code = try command() } catch { code = Bug.report(error) }
  if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
}
