import Certification
import Compiler
import Execution
import Files
import MatrixProducts
import ModelIR

/// What all searches of one evaluation or audit share: the network with its weights, the samples, and what
/// to compute on.
public struct SearchContext: Sendable {
  let model: Model
  let weights: Weights
  /// That of the execution that certificates are about; searches themselves run on the engines.
  let precision: Precision
  let samples: SampleSet
  /// Where elements of a point may lie; nil for all of ℝ.
  let box: AttackBox?
  let seed: UInt64
  let engines: SearchEngines
  let observer: any SearchObserver

  /// Searches around `samples`, with the model and the seed of a compilation.
  ///
  /// - Parameter box: where elements of a point may lie; nil for all of ℝ.
  public init(
    _ compilation: Compilation, weights: Weights, samples: SampleSet, box: AttackBox?,
    engines: SearchEngines, observer: any SearchObserver
  ) {
    model = compilation.model
    seed = compilation.seed
    precision = compilation.spec.certify.precision
    self.weights = weights
    self.samples = samples
    self.box = box
    self.engines = engines
    self.observer = observer
  }

  private init(_ context: SearchContext, samples: SampleSet) {
    model = context.model
    weights = context.weights
    precision = context.precision
    self.samples = samples
    box = context.box
    seed = context.seed
    engines = context.engines
    observer = context.observer
  }

  /// The same with other labels.
  func relabeled(_ labels: [Int]) -> SearchContext {
    SearchContext(self, samples: samples.relabeled(labels))
  }

  /// The execution that certificates are about; throws ``Failure``.
  func executed(batch: Int) throws -> ExecutedNetwork {
    try ExecutedNetwork(model, precision, weights: weights, on: engines.certified, batch: batch)
  }

  /// The names of the network's parameters, which most graphs of a search have as inputs.
  var parameters: [String] { model.parameters.map(\.name) }
}

/// The engines of a search: one on all threads for searches that proceed step by step, one on a single thread
/// for those that consist of independent units, which several workers share.
public struct SearchEngines: Sendable {
  /// Runs on all threads.
  let parallel: any Backend
  /// Runs on one thread.
  let serial: any Backend
  /// The engine that certificates are about.
  let certified: any Backend
  /// The number of units under way at once.
  let workers: Workers

  /// Engines for both kinds of searches.
  public init(
    parallel: any Backend, serial: any Backend, certified: any Backend, workers: Workers
  ) {
    self.parallel = parallel
    self.serial = serial
    self.certified = certified
    self.workers = workers
  }

  /// One engine, used by one worker at a time; certificates are about it or another.
  public init(_ engine: any Backend, certified: (any Backend)? = nil) {
    self.init(
      parallel: engine, serial: engine, certified: certified ?? engine, workers: .single)
  }
}
