import ArgumentParser
import Certification
import Commands

/// The arguments of `lmtc certify`.
struct CertifyArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certify", abstract: "Certify given weights without training.",
    discussion: """
      For large test sets, certify parts on several machines and join them:
        lmtc certify spec.yaml --weights model.safetensors --shard 1/4 --out part-1
        lmtc merge part-1 part-2 part-3 part-4 --out whole
      """)

  @OptionGroup var options: SpecOptions

  @Option(
    help: "Write the result, the certificate, and the files that it refers to into this folder.")
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Certify only the K-th of N contiguous parts of the test points, for 'merge'.",
      valueName: "K/N"))
  var shard: String?

  @Flag(help: "Go on from the points that an interrupted command left in the folder '--out'.")
  var resume = false

  @Flag(help: "Replace results of another spec in the folder.")
  var overwrite = false

  func validate() throws {
    if resume, out == nil { throw ValidationError("'--resume' requires '--out DIR'") }
    if let shard, Shard(shard) == nil {
      throw ValidationError("'--shard' must be K/N with 1 ≤ K ≤ N, found '\(shard)'")
    }
  }

  func run() throws {
    try finish {
      try CertifyCommand(
        options.invocation, backends: Engines.all, folder: out,
        shard: shard.flatMap { Shard($0) }, isResumed: resume,
        overwrites: overwrite
      ).run()
    }
  }
}
