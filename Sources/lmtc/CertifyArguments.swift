import ArgumentParser
import Commands

/// The arguments of `lmtc certify`.
struct CertifyArguments: ParsableCommand {
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
    try finish { try CertifyCommand(options.invocation, backends: Engines.all, folder: out).run() }
  }
}
