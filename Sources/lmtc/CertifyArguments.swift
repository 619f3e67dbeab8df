import ArgumentParser
import Commands

/// The arguments of `lmtc certify`.
struct CertifyArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certify", abstract: "Certify given weights without training.")

  @OptionGroup var options: SpecOptions

  @Option(
    help: "Write the result, the certificate, and the files that it refers to into this folder.")
  var out: String?

  func validate() throws {
    if options.weights == nil {
      throw ValidationError("'certify' requires '--weights FILE'")
    }
  }

  func run() throws {
    try finish { try CertifyCommand(options.invocation, backends: Engines.all, folder: out).run() }
  }
}
