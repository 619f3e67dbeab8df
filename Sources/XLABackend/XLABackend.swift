import Diagnostics
import Execution
import StableHLO
import TensorGraph

/// XLA as an engine: graphs become StableHLO, a plugin compiles them for its first device, training steps for several.
///
/// Numbers are float32, and products round as float32 unless a training step may have TF32. How XLA's kernels
/// order and transform sums is not known, so no certificate is about their results
/// (``Backend/hasAnalyzedRounding``). They may differ from one version or device to another.
public struct XLABackend: Backend {
  private let client: PJRTClient
  /// How many devices share a training step.
  private let devices: Int
  /// The plugin, the version of its interface, and its devices: for `lmtc version` and error reports.
  public let details: String

  /// An engine on the first devices of a plugin; throws ``Failure`` (`device.…`).
  ///
  /// - Parameter devices: how many share a training step, at least 1.
  public init(_ plugin: PJRTPlugin, devices: Int = 1) throws(Failure) {
    // A GPU's memory is taken as it is needed, so that programs can share it. Only plugins for GPUs have the option;
    // what else is wrong with one shows again without it.
    var client =
      if let shared = try? PJRTClient(plugin, options: [.preallocation(false)]) { shared } else {
        try PJRTClient(plugin)
      }
    if client.platform == "cpu", client.devices.count != devices {
      // The cores of a machine make as many devices as one asks for. Each one more than needed has a thread more.
      client = try PJRTClient(plugin, options: [.processors(devices)])
    }
    try self.init(plugin, on: client, devices: devices)
  }

  /// An engine on the first devices of a client that is there; throws ``Failure`` (`device.count`).
  init(_ plugin: PJRTPlugin, on client: PJRTClient, devices: Int = 1) throws(Failure) {
    guard client.devices.count >= devices else {
      throw Failure(
        Diagnostic(
          .init(.device, "count"), "expected \(devices) devices, found \(client.devices.count)",
          at: .none, help: "use '--devices \(client.devices.count)'"))
    }
    self.client = client
    self.devices = devices
    details = "\(client.platform) by '\(plugin.path)', PJRT \(plugin.version)"
  }

  /// The name on the command line.
  public var name: String { "xla" }

  /// Accelerators have products of bfloat16 numbers; of processors it is not known.
  public var hasFastBFloat16: Bool { client.platform != "cpu" }

  /// Only NVIDIA GPUs have it; others would round operands further.
  public var hasTF32: Bool { client.platform == "cuda" }

  /// Compiles as for evaluation.
  public func compile(_ graph: Graph) throws -> any Executable {
    try compile(graph, for: .evaluation)
  }

  /// Compiles the simplified graph; a training step for all devices, others for the first one.
  ///
  /// Throws ``Failure`` (`device.…`). A graph that does not verify is a bug.
  public func compile(_ graph: Graph, for purpose: ExecutionPurpose) throws -> any Executable {
    try compile(graph, for: purpose, with: nil)
  }

  /// The same with the inputs of another executable of this engine, whose tensors are on the device already.
  public func compile(
    _ graph: Graph, for purpose: ExecutionPurpose, sharing other: any Executable
  ) throws -> any Executable {
    try compile(graph, for: purpose, with: other as? XLAExecutable)
  }

  private func compile(
    _ graph: Graph, for purpose: ExecutionPurpose, with lender: XLAExecutable?
  ) throws(Failure) -> any Executable {
    let division: BatchDivision? =
      switch purpose {
      case .evaluation: nil
      case .training, .trainingWithTF32: try BatchDivision(of: graph, among: devices)
      }
    let isFast = purpose == .trainingWithTF32 && hasTF32
    return try XLAExecutable(
      graph, on: client, precision: isFast ? .fastest : .float32, division: division,
      lender: lender)
  }
}
