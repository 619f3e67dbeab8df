import BoundAlgebra
import Compiler
import Diagnostics
import Enclosure
import Execution
import LipschitzBounds
import ModelIR
import TensorGraph

/// The weights of a trained network as they are stored: those formed from free tensors, corrected so that
/// what their parametrizations promise holds for the float32 numbers in the file.
enum StoredWeights {
  /// What forming a weight in Double and rounding it to float32 may exceed its bound by.
  private static let mostExcess = 1e-4
  /// Each correction lowers a norm by its excess and one more of these.
  private static let margin = 0x1p-20
  private static let mostCorrections = 8

  /// Adds the formed weights; throws ``Failure`` (`bound.promise`) if a parametrization does not keep what
  /// it promises.
  static func complete(
    _ weights: Weights, from tensors: [String: HostTensor], _ compilation: Compilation
  ) throws(Failure) -> Weights {
    guard let formation = WeightFormation(compilation.model) else { return weights }
    var result = weights
    result.tensors.merge(formation.weights(from: tensors)) { _, formed in formed }
    for formed in compilation.model.formedWeights {
      let operators = compilation.bounds.operators.filter { $0.weight?.name == formed.name }
      for linear in operators { try correct(linear, formed, &result) }
    }
    return result
  }

  /// Multiplies a weight by a factor below 1 until its guaranteed norm is at most what is promised.
  private static func correct(
    _ linear: LinearOperator, _ formed: Model.Formed, _ weights: inout Weights
  ) throws(Failure) {
    guard let promised = linear.constraint?.constant.lower.value else { return }
    for _ in 0..<mostCorrections {
      let norm = norm(of: linear, weights)
      guard norm.isFinite, norm <= promised * (1 + mostExcess) else { break }
      if norm <= promised { return }
      let factor = Float(promised / norm * (1 - margin))
      let weight = weights[formed.name]
      weights[formed.name] = HostTensor(weight.shape, weight.elements.map { $0 * factor })
    }
    throw Failure(
      .error(
        .bound, "promise",
        "the norm of '\(formed.name)' is up to \(NumberText.significant(norm(of: linear, weights), .up))"
          + " and must be at most \(linear.constraint?.constant.description ?? "")",
        at: formed.node.span,
        help: "the parametrization does not bound the norm as it says; report this"))
  }

  private static func norm(of linear: LinearOperator, _ weights: Weights) -> Double {
    let norms = OperatorNorms(operators: [linear]) { weights.elements(of: $0) }
    return norms.upper(NormSymbol(linear.name)).value
  }
}

/// Weights formed by an engine, in its own arithmetic.
final class EngineFormation {
  private let executable: any Executable

  /// Compiles the formation; nil for a network without formed weights.
  init?(_ model: Model, _ backend: any Backend) throws {
    guard let formation = WeightFormation(model) else { return nil }
    executable = try backend.compile(formation.graph)
  }

  /// The weights for free tensors.
  func weights(from free: (String) -> HostTensor) throws -> [String: HostTensor] {
    for input in executable.graph.inputs { executable.write(input.name, free(input.name)) }
    try executable.execute()
    return Dictionary(
      uniqueKeysWithValues: executable.graph.outputs.map { ($0.name, executable.read($0.name)) })
  }
}
