import Catalog
import Certification
import Compiler
import Diagnostics
import Digest
import Execution
import Files
import ModelIR
import OrderedCollections
import Reporting
import SpecSyntax
import Training

/// Loads what an invocation names: the spec, weights and data.
struct SpecLoading {
  let compilation: Compilation
  let warnings: [Diagnostic]
  let source: SourceFile
  private let overrides: [String]
  private let renamesWeights: Bool
  private let weightsPath: String?

  /// Reads and compiles the spec; throws ``Failure``.
  init(_ invocation: Invocation) throws(Failure) {
    let bytes = try FileReading.bytes(of: invocation.specPath, limit: YAMLLimits().bytes)
    source = SourceFile(path: invocation.specPath, bytes: bytes)
    var diagnostics: [Diagnostic] = []
    guard
      let compilation = Pipeline.compile(
        source, overrides: invocation.overrides, seed: invocation.seed,
        reading: Self.networkFile, &diagnostics)
    else { throw Failure(diagnostics) }
    self.compilation = compilation
    warnings = diagnostics
    overrides = invocation.overrides
    renamesWeights = invocation.renamesWeights
    weightsPath = invocation.weightsPath
  }

  /// The bytes of a file that a spec's network comes from; throws ``Failure``.
  private static func networkFile(_ path: String, isNamed: Bool) throws(Failure) -> [UInt8] {
    if !isNamed { try FileReading.refuseLink(path) }
    return try FileReading.bytes(of: path)
  }

  /// What a result of this spec says of how it came about.
  func provenance(device: String, threads: Int) -> Provenance {
    Provenance(
      spec: source.path, digest: SHA256.hexadecimalDigest(of: source.bytes),
      network: compilation.spec.adopted?.files ?? [], overrides: overrides, seed: compilation.seed,
      threads: threads, device: device)
  }

  /// The file of the given weights: that of `--weights`, or the one that the spec's network comes from.
  var givenWeightsPath: String? { weightsPath ?? compilation.spec.adopted?.path }

  /// The weights of that file; nil where there is none.
  ///
  /// Throws ``Failure``.
  func givenWeights() throws(Failure) -> Weights? {
    if let weightsPath { return try weights(from: weightsPath) }
    guard let adopted = compilation.spec.adopted else { return nil }
    let weights = Weights(adopted.weights)
    try WeightsFile.require(weights, declared: declaredShapes, path: adopted.path)
    return weights
  }

  /// The weights of a file, checked against the model; throws ``Failure``.
  func weights(from path: String) throws(Failure) -> Weights {
    let (weights, renaming) = try WeightsFile.load(
      path, declared: declaredShapes, renames: renamesWeights)
    if let renaming { Console.note("took \(renaming.text) of '\(path)'") }
    return weights
  }

  private var declaredShapes: OrderedDictionary<String, [Int]> {
    .init(
      uniqueKeysWithValues: compilation.model.parameters.map { ($0.name, $0.declaration.shape) })
  }

  /// The spec's `train`; throws ``Failure`` with all keys that training lacks.
  func training() throws(Failure) -> TrainSpec {
    guard let train = compilation.spec.train else {
      let missing = Diagnostic.error(
        .spec, "missing-key", "'run' requires the key 'train'", at: compilation.spec.network.span,
        help: "add 'train: {loss: cross_entropy}', or use 'compile' or 'certify'")
      throw Failure(compilation.spec.data == nil ? [missing, missingData] : [missing])
    }
    return train
  }

  /// The training samples, with label noise, and those held out for validation; throws ``Failure``.
  func trainingSamples() throws(Failure) -> (training: SampleSet, validation: SampleSet?) {
    let (train, seed) = (try training(), compilation.seed)
    let (trained, held) = try samples(.train).split(
      validation: train.validation, seed: seed, span: train.span)
    return (trained.withLabelNoise(train.labelNoise, seed: seed), held)
  }

  /// A training run in a folder; throws ``Failure``.
  func session(
    _ train: TrainSpec, from weights: Weights? = nil, backend: any Backend, folder: String,
    isResumed: Bool, overwrites: Bool = false, isProfiled: Bool = false
  ) throws -> TrainingSession {
    let (samples, held) = try trainingSamples()
    return try TrainingSession(
      compilation, train, source: source.bytes, samples: samples, validation: held, from: weights,
      backend: backend, folder: folder, isResumed: isResumed, overwrites: overwrites,
      isProfiled: isProfiled)
  }

  /// A warning for each path of the data at which nothing lies.
  var missingFiles: [Diagnostic] {
    guard let data = compilation.spec.data else { return [] }
    let paths = [DataSplit.train, .test].compactMap(data.path)
    return paths.reduce(into: []) { $0.contains($1) ? () : $0.append($1) }.filter {
      FileReading.kind(of: compilation.spec.resolve($0)) == nil
    }.map {
      .warning(
        .data, "missing-file", "there is no file or folder \($0.quoted) to read data from",
        at: data.span, help: "paths are relative to the spec's folder")
    }
  }

  private var missingData: Diagnostic {
    .error(
      .spec, "missing-key", "training and certification require the key 'data'",
      at: compilation.spec.network.span, help: "add 'data: {format: …, train: …, test: …}'")
  }

  /// The section `data`; throws ``Failure`` if there is none.
  func data() throws(Failure) -> DataSpec {
    guard let data = compilation.spec.data else { throw Failure([missingData]) }
    return data
  }

  /// What a certificate of the test samples says of their files; throws ``Failure``.
  func dataRecord(of samples: SampleSet) throws(Failure) -> DataRecord {
    let data = try data()
    let files = try DatasetReading.digests(
      data.format.value, split: .test, at: data.test.map { compilation.spec.resolve($0) })
    return DataRecord(data, samples: samples.count, files: files)
  }

  /// The samples of a split in input units; throws ``Failure``.
  ///
  /// - Parameter path: where its files are, instead of what the spec names.
  func samples(_ split: DataSplit, at path: String? = nil) throws(Failure) -> SampleSet {
    let data = try data()
    let named = [split, split.other].map { split in
      data.path(for: split).map { compilation.spec.resolve($0) }
    }
    let paths = path.map { [$0, nil] } ?? named
    let labeled = try DatasetReading.load(
      data.format.value, split: split, at: paths[0], beside: paths[1],
      shape: compilation.model.inputShape, classes: compilation.classes)
    return try scaled(labeled, data, called: "\(split.rawValue) sample")
  }

  /// Inputs without labels, in input units, and their paths where each is a file; throws ``Failure``.
  func inputs(at path: String) throws(Failure) -> (samples: SampleSet, files: [String]?) {
    let data = try data()
    let inputs = try InputReading.load(
      path, like: data.format, among: Catalog.registry.datasets,
      shape: compilation.model.inputShape)
    return (try scaled(inputs.data, data, called: "input"), inputs.files)
  }

  private func scaled(
    _ labeled: LabeledData, _ data: DataSpec, called name: String
  ) throws(Failure) -> SampleSet {
    let samples = try SampleSet(labeled, scale: data.scale.nearest, classes: compilation.classes)
    guard let faulty = try samples.firstNotFinite() else { return samples }
    throw Failure(
      .error(
        .data, "not-finite",
        "'scale' moves a value of \(name) \(faulty) outside the range of float32",
        at: data.span, help: "choose a smaller 'scale'"))
  }
}
