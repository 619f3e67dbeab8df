import Compiler
import Diagnostics
import Execution
import ModelIR
import OrderedCollections
import SpecSyntax

/// From an invocation to a compilation, its weights and its data.
struct SpecLoading {
  /// The compiled spec.
  let compilation: Compilation
  /// Warnings.
  let warnings: [Diagnostic]
  /// The spec's bytes.
  let source: SourceFile

  /// Reads and compiles the spec; throws ``Failure``.
  init(_ invocation: Invocation) throws(Failure) {
    let bytes = try FileReading.bytes(of: invocation.specPath, limit: YAMLLimits().bytes)
    source = SourceFile(path: invocation.specPath, bytes: bytes)
    var overrides = invocation.overrides
    if let seed = invocation.seed { overrides.append("train.seed=\(seed)") }
    var diagnostics: [Diagnostic] = []
    guard let compilation = Compilation(source, overrides: overrides, &diagnostics) else {
      throw Failure(diagnostics)
    }
    self.compilation = compilation
    warnings = diagnostics
  }

  /// The weights of a file, checked against the model; throws ``Failure``.
  func weights(from path: String) throws(Failure) -> [String: HostTensor] {
    let shapes = compilation.model.parameters.map { ($0.name, $0.declaration.shape) }
    return try WeightsFile.load(path, declared: .init(uniqueKeysWithValues: shapes))
  }

  /// The seeded initial weights.
  var initialWeights: [String: HostTensor] {
    var tensors: [String: HostTensor] = [:]
    for (name, declaration) in compilation.model.parameters {
      tensors[name] = HostTensor(
        declaration.shape,
        Initialization.elements(of: declaration, name: name, seed: compilation.seed))
    }
    return tensors
  }

  /// The samples of a split in input units; throws ``Failure``.
  func samples(_ split: DataSplit) throws(Failure) -> SampleSet {
    guard let data = compilation.spec.data else {
      throw Failure(
        .error(
          .spec, "missing-key", "this command needs the key 'data'",
          at: compilation.spec.network.span))
    }
    let path = data.path(for: split).map { compilation.spec.resolve($0) }
    let labeled = try DatasetReading.load(
      data.format.value, split: split, at: path, shape: compilation.model.inputShape,
      classes: compilation.classes)
    return SampleSet(labeled, scale: data.scale.nearest, classes: compilation.classes)
  }
}
