import Diagnostics
import Execution
import TensorGraph

/// The embedded engine: fused loops of its own, matrix products by OpenBLAS, convolutions by oneDNN.
///
/// Numbers are IEEE float32 throughout, subnormals included. Results are bitwise equal over
/// executions on one machine at a fixed thread count.
public struct CPUBackend: Backend {
  /// How many threads execute a graph.
  public let threads: Int

  /// An engine on a number of threads, at least 1.
  public init(threads: Int) {
    self.threads = max(1, threads)
  }

  /// The name on the command line.
  public var name: String { "cpu" }

  /// Simplifies the graph, plans buffers and kernels; a graph that does not verify is a bug.
  public func compile(_ graph: Graph) throws -> any Executable {
    let simplified = graph.simplified().withMasksOfRectified()
    if let fault = simplified.verify().first {
      preconditionFailure("graph '\(graph.name)' does not verify: \(fault)")
    }
    return CPUExecutable(graph, simplified: simplified, threads: threads)
  }
}
