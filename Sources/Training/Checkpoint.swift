import Diagnostics
import FileFormats
import OrderedCollections
import TensorGraph

/// A training state as a safetensors file: the kept tensors, and the counters as metadata.
///
/// Doubles are stored as the bits of their IEEE representation, so a resumed run continues from exactly
/// the same numbers.
public struct Checkpoint: Sendable {
  let state: TrainingState
  /// A digest of what the state belongs to: the resolved spec and the shape of the data.
  let fingerprint: String

  /// Joins a state with what it belongs to.
  public init(_ state: TrainingState, fingerprint: String) {
    self.state = state
    self.fingerprint = fingerprint
  }

  /// The file's contents.
  public var contents: Safetensors.Contents {
    var tensors: OrderedDictionary<String, HostTensor> = [:]
    for name in state.tensors.keys.sorted() { tensors[name] = state.tensors[name] }
    return Safetensors.Contents(
      tensors: tensors,
      metadata: [
        "format": "lmtc.checkpoint.1",
        "fingerprint": fingerprint,
        "step": String(state.step),
        "epoch_loss": String(state.epochLoss.bitPattern, radix: 16),
        "epoch_correct": String(state.epochCorrect.bitPattern, radix: 16),
      ])
  }

  /// Reads a file's contents back; throws ``Failure`` (`weights.…`) if they are not a checkpoint of
  /// this format.
  public init(_ contents: Safetensors.Contents, path: String) throws(Failure) {
    let metadata = contents.metadata
    guard metadata["format"] == "lmtc.checkpoint.1", let fingerprint = metadata["fingerprint"],
      let step = metadata["step"].flatMap({ Int($0) }), step >= 0,
      let loss = metadata["epoch_loss"].flatMap({ UInt64($0, radix: 16) }),
      let correct = metadata["epoch_correct"].flatMap({ UInt64($0, radix: 16) })
    else {
      throw Failure(
        Diagnostic(
          .init(.weights, "not-a-checkpoint"),
          "the file is not a checkpoint: it has tensors but no training counters",
          at: .file(path: path, offset: nil),
          help: "pass weights with '--weights', or start over without '--resume'"))
    }
    var tensors: [String: HostTensor] = [:]
    for (name, tensor) in contents.tensors { tensors[name] = tensor }
    self.fingerprint = fingerprint
    state = TrainingState(
      tensors: tensors, step: step, epochLoss: Double(bitPattern: loss),
      epochCorrect: Double(bitPattern: correct))
  }

  /// Checks that the state belongs to a run and fits its training step.
  func check(
    fingerprint: String, shapes: [String: [Int]], path: String
  ) throws(Failure) {
    var faults: [Diagnostic] = []
    func report(_ rule: String, _ message: String, _ help: String) {
      faults.append(
        Diagnostic(
          .init(.weights, rule), message, at: .file(path: path, offset: nil), help: help))
    }
    if fingerprint != self.fingerprint {
      report(
        "other-run", "the checkpoint belongs to another spec, seed, or data set",
        "resume with the spec, '--set' and '--seed' of the first run, or choose another '--out'")
    } else {
      for name in shapes.keys.sorted() where state.tensors[name]?.shape != shapes[name] {
        let found = state.tensors[name].map(\.shape.shapeText) ?? "none"
        report(
          "wrong-shape", "'\(name)' must have shape \(shapes[name]!.shapeText), found \(found)",
          "the file was changed; start over without '--resume'")
      }
    }
    if !faults.isEmpty { throw Failure(faults) }
  }
}
