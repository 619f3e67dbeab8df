import Compiler
import Execution
import Foundation
import TensorGraph

/// An engine as a participant of `Benchmarks/compare`: answers one line on standard output for each
/// line on standard input, and sleeps in between.
///
/// - `describe`: `{"versions": text}`.
/// - `steps N`: makes N training steps from the initial state; `{"seconds": s, "losses": […],
///   "bounds": […]}`, with the values of each step. Steps without bounds answer with the seconds alone, passes of
///   inference with the mean square of the logits and their largest magnitude.
/// - `product N`: multiplies two N × N matrices in float32; `{"seconds": s}`.
struct StepService {
  private struct Steps: Encodable {
    let seconds: Double
    var losses: [Double]?
    var bounds: [Double]?
  }

  private let workload: Workload
  private let engine: BenchmarkEngine
  private let step: any Executable

  /// Compiles the step.
  init(_ workload: Workload, on engine: BenchmarkEngine) throws {
    self.workload = workload
    self.engine = engine
    step = try engine.backend.compile(workload.graph, for: workload.purpose)
  }

  /// Answers until standard input ends.
  ///
  /// As in training, the results of a step are read when as many others have been started as the engine takes.
  func run() throws {
    while let line = readLine() {
      let words = line.split(separator: " ")
      let count = words.count > 1 ? Int(words[1]) ?? 1 : 1
      switch words.first {
      case "describe": try answer(["versions": engine.versions])
      case "steps": try answer(steps(count))
      case "product": try answer(["seconds": product(count)])
      default: return
      }
    }
  }

  private func answer(_ value: some Encodable) throws {
    // Unlike `print`, this keeps nothing back.
    FileHandle.standardOutput.write(try JSONEncoder().encode(value) + Data("\n".utf8))
  }

  private func steps(_ count: Int) throws -> Steps {
    workload.load(into: step)
    var results: [[Double]] = []
    var pending: [() throws -> [Double]] = []
    let seconds = try ContinuousClock().measure {
      for _ in 0..<count {
        try step.start()
        pending.append(try pendingResults())
        if pending.count == step.mostStarted { results.append(try pending.removeFirst()()) }
      }
      for last in pending { results.append(try last()) }
    }
    guard workload.task != .plain else { return Steps(seconds: seconds / .seconds(1)) }
    return Steps(
      seconds: seconds / .seconds(1), losses: results.map { $0[0] }, bounds: results.map { $0[1] })
  }

  /// What an execution computes, as two numbers.
  private func pendingResults() throws -> () throws -> [Double] {
    switch workload.task {
    case .step: return try step.pendingScalars(["loss", "lipschitz"])
    case .plain: return try step.pendingScalars(["loss"])
    case .inference:
      return { [step] in
        let logits = step.read(Prediction.logits).elements.map { Double($0) }
        let squares = logits.reduce(0) { $0 + $1 * $1 }
        return [squares / Double(logits.count), logits.reduce(0) { max($0, abs($1)) }]
      }
    }
  }

  private func product(_ order: Int) throws -> Double {
    let builder = GraphBuilder("product")
    let (a, b) = (builder.input("a", [order, order]), builder.input("b", [order, order]))
    builder.output("c", a.dot(b))
    let product = try engine.backend.compile(builder.graph)
    for name in ["a", "b"] { product.withInput(name) { $0.update(repeating: 0.5) } }
    try product.execute()
    return try ContinuousClock().measure { try product.execute() } / .seconds(1)
  }
}
