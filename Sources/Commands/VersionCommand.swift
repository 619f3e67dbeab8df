import CGMP
import CLibYAML
import CNettle
import CZlib
import Compiler
import Diagnostics
import MatrixProducts

/// `lmtc version`: the version, and what results and speed depend on.
public struct VersionCommand {
  private let backends: [any EngineFactory]
  private let isVerbose: Bool
  private let isJSON: Bool

  /// A command; a verbose one describes the processor, the engines and the libraries.
  public init(backends: [any EngineFactory], isVerbose: Bool, isJSON: Bool) {
    (self.backends, self.isVerbose, self.isJSON) = (backends, isVerbose, isJSON)
  }

  /// Runs the command.
  public func run() -> ExitCode {
    let console = Console(isJSON: isJSON, color: .never)
    do {
      try console.write(isJSON ? json.prettyText : isVerbose ? text : Product.version + "\n")
      return .success
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  private var text: String {
    let sets = Processor.instructionSets.joined(separator: ", ")
    let facts =
      [
        ("lmtc", Product.version),
        ("processor", Self.architecture + (sets.isEmpty ? "" : " with \(sets)")),
        ("threads", "\(Machine.cores)"),
      ] + backends.map { ("device \($0.name)", $0.details) } + [
        ("products in Double", "own kernels for \(MatrixProduct.instructionSet)")
      ] + Self.libraries
    let width = facts.map(\.0.count).max() ?? 0
    return facts.map { name, value in
      name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
    }.joined()
  }

  private var json: JSONValue {
    guard isVerbose else { return ["lmtc": .string(Product.version)] }
    return [
      "lmtc": .string(Product.version),
      "processor": [
        "architecture": .string(Self.architecture),
        "instruction_sets": .array(Processor.instructionSets.map { .string($0) }),
      ],
      "threads": .integer(Machine.cores),
      "devices": .array(
        backends.map { ["name": .string($0.name), "details": .string($0.details)] }),
      "products": .string(MatrixProduct.instructionSet),
      "libraries": .array(
        Self.libraries.map { ["name": .string($0.name), "version": .string($0.version)] }),
    ]
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "another architecture"
    #endif
  }

  /// The libraries that read input and compute digests, as they are loaded.
  private static var libraries: [(name: String, version: String)] {
    [
      ("libyaml", String(cString: yaml_get_version_string())),
      ("zlib", String(cString: zlibVersion())),
      ("GMP", String(cString: __gmp_version)),
      ("Nettle", "\(nettle_version_major()).\(nettle_version_minor())"),
    ]
  }
}
