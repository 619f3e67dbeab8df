import Execution
import TensorGraph

/// How far a float32 engine may be from the reference.
public struct Tolerance: Sendable {
  /// Relative to each element.
  public var relative: Double
  /// Relative to the tensor's largest magnitude, for sums of many terms.
  public var ofLargest: Double

  /// A tolerance.
  public init(relative: Double, ofLargest: Double) {
    (self.relative, self.ofLargest) = (relative, ofLargest)
  }

  /// A few units in the last place.
  public static let elementwise = Tolerance(relative: 4e-7, ofLargest: 0)
  /// Sums of up to some thousand terms.
  public static let sums = Tolerance(relative: 1e-6, ofLargest: 3e-6)

  /// That of a single operation.
  public static func of(_ operation: Operation) -> Tolerance {
    switch operation {
    case .unary, .binary, .compare, .select: .elementwise
    default: .sums
    }
  }

  /// Whether an element is near enough to the wanted one.
  func accepts(_ found: Float, _ wanted: Double, largest: Double) -> Bool {
    if wanted.isNaN || found.isNaN { return wanted.isNaN && found.isNaN }
    if wanted.isInfinite { return Double(found) == wanted }
    if abs(wanted) > Double(Float.greatestFiniteMagnitude) { return found.magnitude > 3.4e38 }
    return abs(Double(found) - wanted) <= relative * abs(wanted) + ofLargest * largest + 1e-44
  }
}

/// An executable of any engine beside the reference's, for the conformance suite.
public struct EngineComparison {
  /// What is compared.
  public let engine: any Executable
  private let reference: any Executable

  /// Both with the same inputs.
  public init(_ engine: any Executable, _ inputs: [String: [Double]]) {
    self.engine = engine
    reference = ReferenceBackend().compile(engine.graph)
    for executable in [engine, reference] {
      for (name, elements) in inputs {
        executable.withInput(name) { buffer in
          for i in buffer.indices { buffer[i] = Float(elements[i]) }
        }
      }
    }
  }

  /// Executes both some times.
  public func execute(times: Int) throws {
    for _ in 0..<times {
      try engine.execute()
      try reference.execute()
    }
  }

  /// The first element of each output that is too far from the reference's.
  public func faults(_ tolerance: Tolerance) -> [String] {
    engine.graph.outputs.compactMap { output in
      let found = engine.read(output.name).elements
      let wanted = reference.read(output.name).elements.map(Double.init)
      let largest = wanted.lazy.map(abs).filter(\.isFinite).max() ?? 0
      let wrong = zip(found, wanted).enumerated().first {
        !tolerance.accepts($1.0, $1.1, largest: largest)
      }
      return wrong.map {
        "\(output.name)[\($0.offset)] is \($0.element.0), not \($0.element.1)"
      }
    }
  }
}
