import Compiler
import Diagnostics
import Execution
import ModelIR

/// Where a training run begins: fresh, from given weights, or from a checkpoint.
struct InitialState {
  private let loading: SpecLoading
  private let step: TrainingStep
  private let weightsPath: String?

  init(_ loading: SpecLoading, step: TrainingStep, weightsPath: String?) {
    self.loading = loading
    self.step = step
    self.weightsPath = weightsPath
  }

  /// Seeded weights or those of a file, random power-iteration vectors, zero moments.
  func fresh() throws(Failure) -> TrainingState {
    var tensors = loading.initialWeights
    if let weightsPath { tensors = try loading.weights(from: weightsPath) }
    for (name, shape) in shapes where tensors[name] == nil {
      let count = shape.reduce(1, *)
      let isDirection = step.powerVectors.contains(name)
      let elements =
        isDirection
        ? Initialization.direction(count, name: name, seed: loading.compilation.seed)
        : Array(repeating: 0, count: count)
      tensors[name] = HostTensor(shape, elements)
    }
    return TrainingState(tensors: tensors)
  }

  /// The state of a folder's checkpoint.
  func resumed(from folder: RunFolder, fingerprint: String) throws(Failure) -> TrainingState {
    let path = folder.path(of: .checkpoint)
    guard folder.contains(.checkpoint) else {
      throw Failure(
        Diagnostic(
          .init(.file, "missing"), "there is no checkpoint '\(path)' to go on from",
          at: .file(path: path, offset: nil),
          help: "start anew without '--resume', or name the run's folder with '--out'"))
    }
    let contents = try Safetensors.decode(try folder.read(.checkpoint), path: path)
    let checkpoint = try Checkpoint(contents, path: path)
    try checkpoint.check(fingerprint: fingerprint, shapes: shapes, path: path)
    return checkpoint.state
  }

  /// The shape of everything a step keeps.
  private var shapes: [String: [Int]] {
    let kept = step.graph.inputs.filter(\.isPersistent)
    return Dictionary(
      uniqueKeysWithValues: kept.map { ($0.name, step.graph[$0.value].type.shape) })
  }
}
