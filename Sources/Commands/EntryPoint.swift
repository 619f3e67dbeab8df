import Attacks
import Certification
import Compiler
import Diagnostics
import Execution
import ModelIR
import TensorGraph

/// What of a spec an engine compiles and executes.
public enum EntryPoint: String, Sendable, CaseIterable {
  /// A training step.
  case train
  /// The logits of a batch.
  case evaluate
  /// The logits of one sample: what certificates analyze.
  case certify
  /// A step of the spec's first attack on a batch.
  case attack

  /// The training step; a prediction where the spec does not train.
  static func usual(of compilation: Compilation) -> EntryPoint {
    compilation.spec.train == nil ? .certify : .train
  }

  /// What an engine may do with the graph.
  func purpose(in compilation: Compilation) -> ExecutionPurpose {
    self == .train ? compilation.spec.train?.purpose ?? .training : .evaluation
  }

  /// The graph; throws ``Failure`` (`usage.entry`) where the spec does not say what is needed.
  public func graph(of compilation: Compilation) throws(Failure) -> Graph {
    let model = compilation.model
    switch self {
    case .train:
      guard compilation.spec.train != nil else { throw missing("train", "the spec does not train") }
      return Pipeline.lower(compilation)
    case .evaluate: return Prediction(model: model, batch: ExecutedNetwork.batch).graph
    case .certify: return Prediction(model: model, batch: 1).graph
    case .attack:
      let spec = compilation.spec
      guard let attack = spec.certify.attacks.first ?? spec.train?.adversarial?.attack else {
        throw missing("certify.attacks", "the spec names no attack")
      }
      return BatchAttack.step(
        of: attack.value, model: model, box: spec.certify.box.box, batch: ExecutedNetwork.batch,
        seed: compilation.seed)
    }
  }

  private func missing(_ key: String, _ message: String) -> Failure {
    Failure(
      Diagnostic(
        .init(.usage, "entry"), "no graph of '\(rawValue)': \(message)", at: .none,
        help: "write '\(key)' in the spec, or choose another '--entry'"))
  }
}
