import Catalog
import Diagnostics
import Execution
import LipschitzBounds
import ModelIR
import SpecSyntax
import TensorGraph

/// The way of a spec from its text to what an engine executes.
///
///     SourceFile ── parse ─────▶ YAMLNode        a tree with a place on every node
///                ── elaborate ─▶ ElaboratedSpec  overrides, constants, blocks and repetitions expanded
///                ── adopt ─────▶ ElaboratedSpec  the network of a file in place of its name
///                ── decode ────▶ ModelSpec       typed keys, defaults filled in
///                ── infer ─────▶ Model           layers in order, a shape on every edge
///                ── bound ─────▶ ModelBounds     a bound expression for each layer and the network
///                ── lower ─────▶ Graph           forward, bound, loss, gradients, update
///                ── plan ──────▶ Executable      kernels and buffers of an engine
///
/// Up to `lower` each stage reports as many independent faults as it can and gives nil after an error.
public enum Pipeline {
  /// Everything that is known of a spec before training.
  ///
  /// - Parameters:
  ///   - file: the spec's text, any bytes.
  ///   - overrides: `path.to.key=value` texts, applied in order before checking.
  ///   - seed: at least 0, in place of the spec's; 1 if neither says one.
  ///   - read: reads the file of `network: {onnx: FILE}`.
  public static func compile(
    _ file: SourceFile, overrides: [String] = [], seed: Int? = nil,
    reading read: @escaping FileReader = noFiles, _ diagnostics: inout [Diagnostic]
  ) -> Compilation? {
    guard let spec = self.read(file, overrides: overrides, reading: read, &diagnostics),
      let model = infer(spec, &diagnostics)
    else { return nil }
    let bounds = bound(model, &diagnostics)
    let compilation = Compilation(spec: spec, model: model, bounds: bounds, seed: seed)
    compilation.check(&diagnostics)
    return diagnostics.hasErrors ? nil : compilation
  }

  /// The stages up to `decode`, their diagnostics in the order of the file.
  public static func read(
    _ file: SourceFile, overrides: [String] = [], reading read: @escaping FileReader = noFiles,
    _ diagnostics: inout [Diagnostic]
  ) -> ModelSpec? {
    var found: [Diagnostic] = []
    defer { diagnostics += found.inOrderOfPlaces(limit: maximumDiagnostics) }
    let changes = overrides.compactMap { SpecOverride($0, &found) }
    guard let tree = parse(file, &found),
      let elaborated = elaborate(tree, changes, &found)
    else { return nil }
    let (complete, network) = adopt(elaborated, of: file, reading: read, &found)
    let spec = decode(complete, of: file, &found)
    return found.hasErrors ? nil : spec?.adopting(network)
  }

  static func parse(_ file: SourceFile, _ diagnostics: inout [Diagnostic]) -> YAMLNode? {
    SpecSyntax.parseYAML(file, &diagnostics)
  }

  static func elaborate(
    _ tree: YAMLNode, _ overrides: [SpecOverride], _ diagnostics: inout [Diagnostic]
  ) -> ElaboratedSpec? {
    SpecSyntax.elaborate(
      tree, overrides: overrides, kinds: ModelSpec.reservedKinds(Catalog.registry), &diagnostics)
  }

  static func decode(
    _ spec: ElaboratedSpec, of file: SourceFile, _ diagnostics: inout [Diagnostic]
  ) -> ModelSpec? {
    ModelSpec.decode(spec, of: file, registry: Catalog.registry, &diagnostics)
  }

  /// The network with its shapes.
  public static func infer(_ spec: ModelSpec, _ diagnostics: inout [Diagnostic]) -> Model? {
    Model.infer(
      name: spec.name, inputShape: spec.network.inputShape, inputSpan: spec.network.inputSpan,
      layers: spec.network.layers, &diagnostics)
  }

  static func bound(_ model: Model, _ diagnostics: inout [Diagnostic]) -> ModelBounds {
    let bounds = ModelBounds(of: model)
    diagnostics += bounds.unboundedLayers
    return bounds
  }

  /// The graph of a training step; of a prediction where the spec does not train.
  public static func lower(_ compilation: Compilation) -> Graph {
    compilation.spec.train.map { TrainingStep(compilation, $0).graph }
      ?? Prediction(model: compilation.model, batch: 1).graph
  }

  /// A graph made ready by an engine; throws ``Failure`` where the engine cannot run it.
  public static func plan(
    _ graph: Graph, for purpose: ExecutionPurpose, on engine: any Backend
  ) throws -> any Executable {
    try engine.compile(graph, for: purpose)
  }

  /// The limit of diagnostics of one run; beyond it, warnings are dropped first.
  private static let maximumDiagnostics = 200
}
