import BoundAlgebra
import Catalog
import Diagnostics
import LipschitzBounds
import ModelIR

/// A spec that passed every check before training: typed, shaped, bounded.
public struct Compilation: Sendable {
  /// The spec.
  public let spec: ModelSpec
  /// The network with its shapes.
  public let model: Model
  /// Its bounds.
  public let bounds: ModelBounds
  /// The seed of everything random.
  public let seed: UInt64

  /// Compiles a source; nil if a diagnostic is an error.
  ///
  /// - Parameters:
  ///   - file: the spec's text.
  ///   - overrides: `path.to.key=value` texts, applied before checking.
  ///   - seed: at least 0, in place of the spec's; 1 if neither says one.
  public init?(
    _ file: SourceFile, overrides: [String] = [], seed: Int? = nil,
    _ diagnostics: inout [Diagnostic]
  ) {
    guard
      let spec = ModelSpec.read(
        file, overrides: overrides, registry: Catalog.registry, &diagnostics),
      let model = spec.infer(&diagnostics)
    else { return nil }
    let bounds = ModelBounds(of: model)
    Compilation.check(bounds, &diagnostics)
    Compilation.check(model, spec, &diagnostics)
    Compilation.check(spec.train, samples: model.inputShape, &diagnostics)
    Compilation.check(spec.train, head: bounds.head != nil, &diagnostics)
    guard !diagnostics.hasErrors else { return nil }
    self.spec = seed.map(spec.seeded) ?? spec
    self.model = model
    self.bounds = bounds
    self.seed = UInt64(seed ?? spec.train?.seed ?? 1)
  }

  /// The number of logits.
  public var classes: Int { model.shape(of: model.output)[0] }

  private static func check(_ bounds: ModelBounds, _ diagnostics: inout [Diagnostic]) {
    for cause in bounds.network.unboundedCauses {
      diagnostics.append(
        Diagnostic(
          .init(.bound, "unbounded"), "no finite Lipschitz constant: \(cause.reason)",
          at: cause.span.map { .span($0) } ?? .none))
    }
  }

  private static func check(
    _ train: TrainSpec?, head hasHead: Bool, _ diagnostics: inout [Diagnostic]
  ) {
    for entry in train?.regularizers ?? [] where entry.value.layers == .head && !hasHead {
      diagnostics.append(
        .error(
          .spec, "regularizer",
          "'\(entry.kind)' acts on a final dense layer, and the network does not end in one",
          at: entry.span, help: "write 'layers: all', or end the network with 'dense'"))
    }
  }

  private static func check(
    _ train: TrainSpec?, samples shape: [Int], _ diagnostics: inout [Diagnostic]
  ) {
    for entry in train?.augment ?? [] {
      do throws(ShapeFault) {
        try entry.value.check(shape)
      } catch {
        diagnostics.append(
          .error(
            .shape, "augmentation", "'\(entry.kind)' \(error.message)", at: entry.span,
            help: error.help))
      }
    }
  }

  private static func check(
    _ model: Model, _ spec: ModelSpec, _ diagnostics: inout [Diagnostic]
  ) {
    let shape = model.shape(of: model.output)
    let span = model.nodes.last?.span ?? spec.network.span
    guard shape.count == 1, shape[0] >= 2 else {
      diagnostics.append(
        .error(
          .shape, "logits", "the last layer must give [classes] logits, at least 2, found \(shape)",
          at: span, help: "end the network with 'flatten' and 'dense: <classes>'"))
      return
    }
    if let classes = spec.data?.classes, classes != shape[0] {
      diagnostics.append(
        .error(
          .shape, "classes", "the network gives \(shape[0]) logits for \(classes) classes",
          at: span, help: "end the network with 'dense: \(classes)'"))
    }
  }
}
