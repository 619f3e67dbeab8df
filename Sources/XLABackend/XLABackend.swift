import Diagnostics
import Execution
import StableHLO
import TensorGraph

/// XLA as an engine: graphs become StableHLO, a plugin compiles them for its first device.
///
/// Numbers are float32 and products round as float32, without narrower types for their operands. How XLA's kernels
/// order and transform sums is not known, so no certificate is about their results
/// (``Backend/hasAnalyzedRounding``). They may differ from one version or device to another.
public struct XLABackend: Backend {
  private let client: PJRTClient
  /// The plugin, the version of its interface, and its devices: for `lmtc version` and error reports.
  public let details: String

  /// An engine on the first device of a plugin; throws ``Failure`` (`device.…`).
  public init(_ plugin: PJRTPlugin) throws(Failure) {
    try self.init(plugin, on: PJRTClient(plugin))
  }

  /// An engine on the first device of a client that is there.
  init(_ plugin: PJRTPlugin, on client: PJRTClient) {
    self.client = client
    details = "\(client.platform) by '\(plugin.path)', PJRT \(plugin.version)"
  }

  /// The name on the command line.
  public var name: String { "xla" }

  /// Accelerators have products of bfloat16 numbers; of processors it is not known.
  public var hasFastBFloat16: Bool { client.platform != "cpu" }

  /// Compiles as for evaluation.
  public func compile(_ graph: Graph) throws -> any Executable {
    try compile(graph, for: .evaluation)
  }

  /// Compiles the simplified graph, for evaluation and training alike.
  ///
  /// A graph that does not verify is a bug.
  public func compile(_ graph: Graph, for purpose: ExecutionPurpose) throws -> any Executable {
    try XLAExecutable(graph, on: client, lender: nil)
  }

  /// The same with the inputs of another executable of this engine, whose tensors are on the device already.
  public func compile(
    _ graph: Graph, for purpose: ExecutionPurpose, sharing other: any Executable
  ) throws -> any Executable {
    try XLAExecutable(graph, on: client, lender: other as? XLAExecutable)
  }
}
