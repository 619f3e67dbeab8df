import Compiler
import Diagnostics
import Dispatch
import Execution
import FileFormats
import Files
import ModelIR
import Synchronization
import TensorGraph

/// The state from which a training run starts: fresh, with given weights, or of a checkpoint.
struct InitialState {
  private let compilation: Compilation
  private let step: TrainingStep
  private let weights: Weights?
  private let samples: SampleSet?

  /// - Parameters:
  ///   - weights: nil for seeded ones.
  ///   - samples: the training data, for parameters that start from its statistics.
  init(
    _ compilation: Compilation, step: TrainingStep, weights: Weights?, samples: SampleSet? = nil
  ) {
    self.compilation = compilation
    self.step = step
    self.weights = weights
    self.samples = samples
  }

  /// Given or seeded weights, random power-iteration vectors, zero moments.
  ///
  /// Throws ``Failure`` if training cannot start from the given weights.
  func fresh() throws(Failure) -> TrainingState {
    var tensors =
      if let weights { try start(from: weights) } else {
        try compilation.initialTensors(for: samples)
      }
    for (name, shape) in shapes where tensors[name] == nil {
      let count = shape.reduce(1, *)
      let isDirection = step.powerVectors.contains(name)
      let elements =
        isDirection
        ? Initialization.direction(count, name: name, seed: compilation.seed)
        : Array(repeating: 0, count: count)
      tensors[name] = HostTensor(shape, elements)
    }
    return TrainingState(tensors: tensors)
  }

  /// The weights with free tensors in place of those formed from them.
  private func start(from weights: Weights) throws(Failure) -> [String: HostTensor] {
    var tensors = weights.tensors
    for formed in compilation.model.formedWeights {
      let parametrization = formed.weight.parametrization
      guard parametrization.keepsItsWeights, let weight = tensors.removeValue(forKey: formed.name)
      else {
        throw Failure(
          .error(
            .train, "no-start",
            "training cannot start from given weights: '\(type(of: parametrization).kind)' does not"
              + " form a given '\(formed.name)'", at: formed.node.span,
            help: "start without '--weights', or continue a run with '--resume'"))
      }
      tensors[formed.freeName] = HostTensor(formed.weight.free.shape, weight.elements)
    }
    return tensors
  }

  /// The state of a folder's checkpoint.
  func resumed(from folder: RunFolder, fingerprint: String) throws(Failure) -> TrainingState {
    let path = folder.path(of: .checkpoint)
    guard folder.contains(.checkpoint) else {
      throw Failure(
        Diagnostic(
          .init(.file, "missing"), "there is no checkpoint '\(path)' to resume from",
          at: .file(path: path, offset: nil),
          help: "run without '--resume', or name the folder of the interrupted run with '--out'"))
    }
    let contents = try Safetensors.decode(try folder.read(.checkpoint), path: path)
    let checkpoint = try Checkpoint(contents, path: path)
    try checkpoint.check(fingerprint: fingerprint, shapes: shapes, path: path)
    return checkpoint.state
  }

  /// The shapes of the persistent inputs of a step.
  private var shapes: [String: [Int]] {
    let kept = step.graph.inputs.filter(\.isPersistent)
    return Dictionary(
      uniqueKeysWithValues: kept.map { ($0.name, step.graph[$0.value].type.shape) })
  }
}

extension Compilation {
  /// The seeded initial weights, drawn on all cores, some of them formed from free tensors.
  public var initialWeights: Weights {
    var tensors = scaled(drawnTensors)
    if let formation = WeightFormation(model) {
      tensors.merge(formation.weights(from: tensors)) { _, formed in formed }
      for formed in model.formedWeights { tensors[formed.freeName] = nil }
    }
    return Weights(tensors)
  }

  /// What training on samples starts from; throws `file.…` where they cannot be read.
  fileprivate func initialTensors(
    for samples: SampleSet?
  ) throws(Failure) -> [String: HostTensor] {
    var tensors = drawnTensors
    let ofData = model.parameters.filter(\.declaration.isOfData)
    if let samples, !ofData.isEmpty {
      let statistics = try ChannelStatistics(of: samples)
      for (name, declaration) in ofData {
        guard case .ofData(let statistic) = declaration.initializer else { continue }
        tensors[name] = HostTensor(declaration.shape, statistics.elements(statistic))
      }
    }
    return scaled(tensors)
  }

  private var drawnTensors: [String: HostTensor] {
    let parameters = model.trainedParameters
    let tensors = Mutex<[String: HostTensor]>([:])
    DispatchQueue.concurrentPerform(iterations: parameters.count) { [seed] index in
      let (name, declaration) = parameters[index]
      let tensor = HostTensor(
        declaration.shape, Initialization.elements(of: declaration, name: name, seed: seed))
      tensors.withLock { $0[name] = tensor }
    }
    return tensors.withLock { $0 }
  }

  /// Weights multiplied by the factor that ``InitialScale`` finds.
  private func scaled(_ tensors: [String: HostTensor]) -> [String: HostTensor] {
    let scale = InitialScale(self) { tensors[$0]?.elements ?? [] }
    guard let scale, let factor = scale.factor else { return tensors }
    var result = tensors
    for name in scale.weights {
      guard let tensor = tensors[name] else { continue }
      result[name] = HostTensor(tensor.shape, tensor.elements.map { $0 * factor })
    }
    return result
  }
}
