import ArgumentParser
import Commands
import Reporting

/// The arguments of `lmtc merge`.
struct MergeArguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Join the certificates of all shards of a test set.",
    discussion: """
      The folder is the one that 'certify' without '--shard' writes, except for times:
        lmtc merge part-1 part-2 part-3 part-4 --out whole
      """)

  @Argument(help: "Each shard's certificate, or the folder with its certificate.json.")
  var certificates: [String]

  @Option(help: "The folder to write.")
  var out: String

  @Flag(help: "Replace results of another spec in the folder.")
  var overwrite = false

  @OptionGroup var printing: OutputOptions

  func run() throws {
    try finish {
      try MergeCommand(
        certificates, folder: out, overwrites: overwrite, isJSON: printing.json,
        color: printing.color
      ).run()
    }
  }
}
