import CPUBackend
import Dispatch
import Foundation
import Synchronization
import TensorGraph

/// The errors of the engine's elementary functions over every float32 number.
struct FunctionErrors {
  /// The largest |f̂(x) − f(x)|/|f(x)| in units of u = 2⁻²⁴, where f(x) is a normal number.
  private(set) var relative = 0.0
  /// Where that is.
  private(set) var relativePlace: Float = 0
  /// The largest |f̂(x) − f(x)| in units of 2⁻¹⁴⁹, where f(x) is smaller.
  private(set) var absolute = 0.0
  /// Arguments with a finite value, within the range of float32, whose result is not finite.
  private(set) var notFinite = 0

  /// Numbers a run of the engine holds.
  private static let chunk = 1 << 22

  /// Compares the engine with Double's functions, themselves off by at most 2⁻⁵¹.
  static func measure(_ function: TensorGraph.Operation.Unary, threads: Int) throws
    -> FunctionErrors
  {
    let builder = GraphBuilder(function.rawValue)
    let x = builder.input("x", [chunk])
    builder.output("y", builder.apply(.unary(function), [x]))
    let engine = try CPUBackend(threads: threads).compile(builder.graph)
    let worst = Mutex(FunctionErrors())
    for start in stride(from: 0, to: 1 << 32, by: chunk) {
      engine.withInput("x") { buffer in
        for i in 0..<chunk { buffer[i] = Float(bitPattern: UInt32(start + i)) }
      }
      try engine.execute()
      let found = engine.read("y").elements
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        var local = FunctionErrors()
        for i in (chunk * thread / threads)..<(chunk * (thread + 1) / threads) {
          let argument = Float(bitPattern: UInt32(start + i))
          local.add(function.evaluate(Double(argument)), found[i], at: argument)
        }
        let result = local
        worst.withLock { $0.merge(result) }
      }
    }
    return worst.withLock { $0 }
  }

  private mutating func add(_ exact: Double, _ found: Float, at argument: Float) {
    let size = abs(exact)
    guard size <= Double(Float.greatestFiniteMagnitude), argument.isFinite else { return }
    guard found.isFinite else { return notFinite += 1 }
    let error = abs(Double(found) - exact)
    if size >= 0x1p-126 {
      if error / size * 0x1p24 > relative {
        (relative, relativePlace) = (error / size * 0x1p24, argument)
      }
    } else {
      absolute = max(absolute, error * 0x1p149)
    }
  }

  private mutating func merge(_ other: FunctionErrors) {
    if other.relative > relative {
      (relative, relativePlace) = (other.relative, other.relativePlace)
    }
    absolute = max(absolute, other.absolute)
    notFinite += other.notFinite
  }

  /// Prints a line a function.
  static func report(threads: Int) throws {
    for function in [TensorGraph.Operation.Unary.exp, .log, .log1p, .sqrt, .tanh, .logistic, .erf] {
      let errors = try measure(function, threads: threads)
      print(
        "\(function.rawValue): \(errors.relative) u at \(errors.relativePlace),",
        "\(errors.absolute) · 2⁻¹⁴⁹ below 2⁻¹²⁶, \(errors.notFinite) not finite")
    }
  }
}
