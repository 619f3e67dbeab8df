import Diagnostics
import ModelIR
import SpecSyntax
import Testing

@testable import Catalog
@testable import Compiler

/// The catalog with the entries of `Examples`.
enum ExtendedCatalog {
  static let registry = Registry(
    layers: Catalog.layers + [SoftsignLayer.self],
    losses: Catalog.losses + [HingeLoss.self],
    optimizers: Catalog.optimizers + [RMSPropOptimizer.self],
    attacks: Catalog.attacks + [RandomDirectionAttack.self],
    regularizers: Catalog.regularizers + [LassoRegularizer.self],
    parametrizations: Catalog.parametrizations + [FrobeniusParametrization.self],
    augmentations: Catalog.augmentations + [BrightnessAugmentation.self],
    datasets: Catalog.datasets + [RecordsFormat.self])

  /// A spec that uses every one of them.
  static let spec = """
    lmt: 1
    name: extended
    data: {format: records, train: train.records, test: test.records, scale: 1/255}
    network: {input: [4], layers: [{dense: {units: 8, parametrization: frobenius}}, softsign: 2, dense: 3]}
    train:
      batch: 4
      epochs: 20
      loss: {hinge: 0.5}
      optimizer: {rmsprop: 0.02}
      regularizers: [lasso: 1e-4]
      augment: [brightness: 0.5]
      adversarial: {attack: {random_direction: 2}, radius: 0.1}
    """

  /// The stages of the pipeline, with the extended registry.
  static func compile() throws -> Compilation {
    var diagnostics: [Diagnostic] = []
    let file = SourceFile(path: "extended.yaml", text: spec)
    let spec = parseYAML(file, &diagnostics).flatMap { tree in
      elaborate(
        tree, overrides: [], kinds: ModelSpec.reservedKinds(registry), &diagnostics)
    }.flatMap { ModelSpec.decode($0, of: file, registry: registry, &diagnostics) }
    let model = try #require(
      spec.flatMap { Pipeline.infer($0, &diagnostics) }, "\(DiagnosticText().render(diagnostics))")
    let bounds = Pipeline.bound(model, &diagnostics)
    let compilation = Compilation(
      spec: try #require(spec), model: model, bounds: bounds, seed: nil)
    compilation.check(&diagnostics)
    #expect(diagnostics.isEmpty)
    return compilation
  }
}
