import Execution
import TensorGraph
import Testing

@testable import CPUBackend

/// How far a float32 engine may be from the reference.
struct Tolerance {
  /// Relative to each element.
  var relative: Double
  /// Relative to the tensor's largest magnitude, for sums of many terms.
  var ofLargest: Double

  /// A few units in the last place.
  static let elementwise = Tolerance(relative: 4e-7, ofLargest: 0)
  /// Sums of up to some thousand terms.
  static let sums = Tolerance(relative: 1e-6, ofLargest: 3e-6)

  func accepts(_ found: Float, _ wanted: Double, largest: Double) -> Bool {
    if wanted.isNaN || found.isNaN { return wanted.isNaN && found.isNaN }
    if wanted.isInfinite { return Double(found) == wanted }
    if abs(wanted) > Double(Float.greatestFiniteMagnitude) { return found.magnitude > 3.4e38 }
    return abs(Double(found) - wanted) <= relative * abs(wanted) + ofLargest * largest + 1e-44
  }
}

/// Runs a graph on the engine some times and compares every output with the reference's.
func expectConformance(
  _ graph: Graph, _ inputs: [String: [Double]], for purpose: ExecutionPurpose = .evaluation,
  threads: Int, executions: Int = 2, tolerance: Tolerance,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let engine = try CPUBackend(threads: threads).compile(graph, for: purpose)
  let reference = ReferenceBackend().compile(graph)
  for executable in [engine, reference] {
    for (name, elements) in inputs {
      executable.withInput(name) { buffer in
        for i in buffer.indices { buffer[i] = Float(elements[i]) }
      }
    }
  }
  for _ in 0..<executions {
    try engine.execute()
    try reference.execute()
  }
  for output in graph.outputs {
    let found = engine.read(output.name).elements
    let wanted = reference.read(output.name).elements.map(Double.init)
    let largest = wanted.lazy.map(abs).filter(\.isFinite).max() ?? 0
    let wrong = zip(found, wanted).enumerated().first {
      !tolerance.accepts($1.0, $1.1, largest: largest)
    }
    let fault = wrong.map { "[\($0.offset)] is \($0.element.0), not \($0.element.1)" }
    #expect(
      fault == nil, "\(output.name) on \(threads) threads\n\(engine.plan)",
      sourceLocation: sourceLocation)
  }
}

/// Seeded numbers in [−1, 1).
func samples(_ count: Int, _ name: String, seed: UInt64 = 1) -> [Double] {
  let stream = CounterRandom.stream(seed: seed, name)
  return (0..<count).map {
    CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) * 2 - 1
  }
}
