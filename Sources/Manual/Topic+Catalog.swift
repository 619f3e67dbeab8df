import Catalog
import LipschitzBounds
import ModelIR

extension Topic {
  /// A layer's page.
  init(layer type: any Layer.Type) {
    let examples = type.examples.map { example in
      let keys = example.keys.isEmpty ? "" : ": \(example.keys)"
      let shapes = example.inputs.map { "\($0)" }.joined(separator: " and ")
      return "- \(type.kind)\(keys)  # for \(shapes)"
    }
    self.init(
      type.kind, .layer, declarations: ["\(type)"], keys: type.keys, mainKey: type.mainKey,
      examples: examples)
  }

  /// Why a layer of other tools is not there.
  init(refused kind: String, reason: String) {
    self.init(
      kind, .refusedLayer,
      text: "No keys could give this layer a finite ℓ2 Lipschitz constant on all of ℝⁿ: \(reason).")
  }

  /// A loss's page.
  init(loss type: any Loss.Type) {
    self.init(
      type.kind, .loss, declarations: ["\(type)"], keys: type.keys, mainKey: type.mainKey,
      examples: type.examples.map { "loss: {\(type.kind): \($0.isEmpty ? "{}" : $0)}" })
  }

  /// An optimiser's page.
  init(optimizer type: any Optimizer.Type) {
    self.init(
      type.kind, .optimizer, declarations: ["\(type)"], keys: type.keys, mainKey: type.mainKey,
      examples: type.examples.map { "optimizer: {\(type.kind): \($0.isEmpty ? "{}" : $0)}" })
  }

  /// A regulariser's page.
  init(regularizer type: any Regularizer.Type) {
    self.init(
      type.kind, .regularizer, declarations: ["\(type)"], keys: type.keys, mainKey: type.mainKey,
      examples: type.examples.map { "regularizers: [{\(type.kind): \($0.isEmpty ? "{}" : $0)}]" })
  }

  /// An augmentation's page.
  init(augmentation type: any Augmentation.Type) {
    self.init(
      type.kind, .augmentation, declarations: ["\(type)"], keys: type.keys, mainKey: type.mainKey,
      examples: type.examples.map { "augment: [{\(type.kind): \($0.isEmpty ? "{}" : $0)}]" })
  }

  /// An attack's page.
  init(attack type: any Attack.Type) {
    self.init(
      type.kind, .attack, declarations: ["\(type)"], keys: type.keys, mainKey: type.mainKey,
      examples: type.examples.map { "attacks: [{\(type.kind): \($0.isEmpty ? "{}" : $0)}]" })
  }

  /// A data format's page.
  init(format type: any DatasetFormat.Type) {
    self.init(type.kind, .dataFormat, declarations: ["\(type)"], keys: type.keys)
  }

  /// A bound method's page, with the layers whose key asks for it.
  init(method: NormMethodDescription) {
    let layers = Catalog.layers.filter { layer in
      layer.keys.contains { $0.name == "bound" && $0.typeName.contains("`\(method.name)`") }
    }
    let choice =
      layers.isEmpty
      ? "The compiler chooses it where it applies and serves best."
      : "The compiler chooses it where it serves best; `bound: \(method.name)` asks for it in "
        + layers.map { $0.kind }.joined(separator: ", ") + "."
    let comment = Manual.comments[method.type] ?? ""
    self.init(
      method.name, .boundMethod, declarations: [method.type],
      text: [
        comment, "- Theorem: \(method.theorem).\n- In short: \(method.summary).", choice,
      ].joined(separator: "\n\n"))
  }

  /// A composition's page.
  init(composition: Composition) {
    let machinery =
      switch composition {
      case .product: "ModelBounds"
      case .regions, .liplt: "PathExpansion"
      case .eclipse: "QuadraticChain"
      }
    self.init(
      composition.rawValue, .composition,
      declarations: ["Composition.\(composition)", machinery])
  }

  /// A diagnostic's page.
  init(id: String, diagnostic: DiagnosticPage) {
    self.init(
      id, .diagnostic,
      text: """
        - Cause: \(diagnostic.cause).
        - Remedy: \(diagnostic.remedy).
        - Area: \(diagnostic.area).
        """,
      examples: diagnostic.example.map { [$0] } ?? [])
  }
}

/// A line of the table of diagnostics, and what a faulty spec was answered.
struct DiagnosticPage: Sendable {
  /// What the diagnostics of its area have in common.
  let area: String
  /// What is wrong.
  let cause: String
  /// What to do.
  let remedy: String
  /// The rendered diagnostic of a spec that triggers it.
  let example: String?
}
