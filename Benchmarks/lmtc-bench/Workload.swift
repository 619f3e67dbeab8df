import Compiler
import Diagnostics
import Execution
import FileFormats
import Files
import ModelIR
import SpecSyntax
import TensorGraph
import Training

/// What of a spec is timed, and the values of its inputs before the first execution.
struct Workload {
  /// What is timed.
  enum Task: String {
    /// The training step.
    case step
    /// The training step with cross-entropy and without bounds.
    case plain
    /// The logits of a batch, as they are certified.
    case inference
  }

  /// The spec.
  let compilation: Compilation
  /// What is timed.
  let task: Task
  /// What an engine compiles.
  let graph: Graph
  /// For what.
  let purpose: ExecutionPurpose
  /// Every input by name: seeded weights, directions and images, a label for each, the learning rate and c.
  let initial: [String: HostTensor]

  /// Compiles the spec of a file, which must have `train`; throws ``Failure``.
  init(
    spec path: String, _ task: Task = .step, overrides: [String] = []
  ) throws(Failure) {
    let bytes = try FileReading.bytes(of: path, limit: YAMLLimits().bytes)
    var diagnostics: [Diagnostic] = []
    let loss = task == .plain ? ["train.loss=cross_entropy"] : []
    let compilation = Pipeline.compile(
      SourceFile(path: path, bytes: bytes), overrides: overrides + loss, &diagnostics)
    guard let compilation, let train = compilation.spec.train else { throw Failure(diagnostics) }
    (self.compilation, self.task) = (compilation, task)
    let step = TrainingStep(compilation, train)
    switch task {
    case .step: (graph, purpose) = (step.graph, step.purpose)
    case .plain: (graph, purpose) = (Self.withoutBounds(step), step.purpose)
    case .inference:
      graph = Prediction(model: compilation.model, batch: train.batch).graph
      purpose = .evaluation
    }
    let names = Set(graph.inputs.map(\.name))
    initial = Self.inputs(of: step, compilation, train).filter { names.contains($0.key) }
  }

  /// The step's graph without the estimate and what it keeps for the next step.
  private static func withoutBounds(_ step: TrainingStep) -> Graph {
    var graph = step.graph
    graph.outputs.removeAll {
      $0.name == TrainingStep.Name.lipschitz || step.powerVectors.contains($0.name)
    }
    return graph
  }

  private static func inputs(
    of step: TrainingStep, _ compilation: Compilation, _ train: TrainSpec
  ) -> [String: HostTensor] {
    var tensors = compilation.initialWeights.tensors
    for input in step.graph.inputs where tensors[input.name] == nil {
      let (name, shape) = (input.name, step.graph[input.value].type.shape)
      let count = shape.reduce(1, *)
      let elements =
        switch name {
        case TrainingStep.Name.images: images(count)
        case TrainingStep.Name.labels: labels(count, classes: compilation.classes)
        case TrainingStep.Name.learningRate: [Float(train.optimizer.value.learningRate)]
        case TrainingStep.Name.marginWeight: [Float(train.loss.value.marginWeight ?? 0)]
        case _ where step.powerVectors.contains(name):
          Initialization.direction(count, name: name, seed: compilation.seed)
        case _: [Float](repeating: 0, count: count)
        }
      tensors[name] = HostTensor(shape, elements)
    }
    return tensors
  }

  /// Uniform in [0, 1).
  private static func images(_ count: Int) -> [Float] {
    let stream = CounterRandom.stream(seed: 1, TrainingStep.Name.images)
    return (0..<count).map { index in
      Float(CounterRandom.uniform(stream: stream, counter: 0, index: UInt64(index)))
    }
  }

  /// One-hot rows: sample i has label i mod `classes`.
  private static func labels(_ count: Int, classes: Int) -> [Float] {
    (0..<count).map { $0 % classes == $0 / classes % classes ? 1 : 0 }
  }

  /// Sets every input to its initial value.
  func load(into step: any Executable) {
    for (name, tensor) in initial { step.write(name, tensor) }
  }

  /// Writes the inputs as NumPy's npz; throws ``Failure``.
  func write(to path: String) throws(Failure) {
    let entries = initial.sorted { $0.key < $1.key }.map { name, tensor in
      NPZWriter.Entry(name, shape: tensor.shape, elements: tensor.elements)
    }
    try AtomicFile.write(NPZWriter.bytes(entries), to: path)
  }
}
