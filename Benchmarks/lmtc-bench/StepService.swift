import CPUBackend
import Execution
import Foundation
import TensorGraph

/// The CPU engine as a participant of `Benchmarks/compare`: answers one line on standard output for each
/// line on standard input, and sleeps in between.
///
/// - `describe`: `{"versions": text}`.
/// - `steps N`: makes N training steps from the initial state; `{"seconds": s, "losses": […],
///   "bounds": […]}`, with the values of each step.
/// - `product N`: multiplies two N × N matrices in float32; `{"seconds": s}`.
struct StepService {
  private struct Steps: Encodable {
    let seconds: Double
    let losses: [Float]
    let bounds: [Float]
  }

  private let workload: Workload
  private let engine: CPUBackend
  private let step: any Executable

  /// Compiles the step for a number of threads.
  init(_ workload: Workload, threads: Int) throws {
    self.workload = workload
    engine = CPUBackend(threads: threads)
    step = try engine.compile(workload.graph, for: .training)
  }

  /// Answers until standard input ends.
  func run() throws {
    while let line = readLine() {
      let words = line.split(separator: " ")
      let count = words.count > 1 ? Int(words[1]) ?? 1 : 1
      switch words.first {
      case "describe": try answer(["versions": Self.versions])
      case "steps": try answer(steps(count))
      case "product": try answer(["seconds": product(count)])
      default: return
      }
    }
  }

  private static var versions: String {
    let library = CPUBackend.library
    return "\(library.name) \(library.version), \(library.instructionSet)"
  }

  private func answer(_ value: some Encodable) throws {
    // Unlike `print`, this keeps nothing back.
    FileHandle.standardOutput.write(try JSONEncoder().encode(value) + Data("\n".utf8))
  }

  private func steps(_ count: Int) throws -> Steps {
    workload.load(into: step)
    var (losses, bounds): ([Float], [Float]) = ([], [])
    let seconds = try ContinuousClock().measure {
      for _ in 0..<count {
        try step.execute()
        losses.append(step.withOutput("loss") { $0[0] })
        bounds.append(step.withOutput("lipschitz") { $0[0] })
      }
    }
    return Steps(seconds: seconds / .seconds(1), losses: losses, bounds: bounds)
  }

  private func product(_ order: Int) throws -> Double {
    let builder = GraphBuilder("product")
    let (a, b) = (builder.input("a", [order, order]), builder.input("b", [order, order]))
    builder.output("c", a.dot(b))
    let product = try engine.compile(builder.graph)
    for name in ["a", "b"] { product.withInput(name) { $0.update(repeating: 0.5) } }
    try product.execute()
    return try ContinuousClock().measure { try product.execute() } / .seconds(1)
  }
}
