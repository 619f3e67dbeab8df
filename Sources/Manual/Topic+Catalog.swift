import Catalog
import LipschitzBounds
import ModelIR

extension Topic {
  /// The page of an entry of an open set.
  private init(_ type: any CatalogEntry.Type, _ kind: Kind, examples: [String] = []) {
    self.init(
      type.kind, kind, declarations: ["\(type)"], keys: type.keys, mainKey: type.mainKey,
      examples: examples)
  }

  /// The page of an entry that a spec gives under a key, alone or in a list.
  init<Entry: CatalogEntry>(
    _ type: Entry.Type, _ kind: Kind, under key: String, isList: Bool = false
  )
  where Entry.Example == String {
    let examples = type.examples.map { keys in
      let entry = "{\(type.kind): \(keys.isEmpty ? "{}" : keys)}"
      return "\(key): \(isList ? "[\(entry)]" : entry)"
    }
    self.init(type, kind, examples: examples)
  }

  /// A layer's page.
  init(layer type: any Layer.Type) {
    let examples = type.examples.map { example in
      let keys = example.keys.isEmpty ? "" : ": \(example.keys)"
      let shapes = example.inputs.map { "\($0)" }.joined(separator: " and ")
      return "- \(type.kind)\(keys)  # for \(shapes)"
    }
    self.init(type, .layer, examples: examples)
  }

  /// A data format's page.
  init(format type: any DatasetFormat.Type) { self.init(type, .dataFormat) }

  /// Why there is no such layer.
  init(refused kind: String, reason: String) {
    self.init(
      kind, .refusedLayer,
      text: "No keys could give this layer a finite ℓ2 Lipschitz constant on all of ℝⁿ: \(reason).")
  }

  /// A bound method's page, with the layers whose key asks for it.
  init(method: NormMethodDescription) {
    let layers = Catalog.layers.filter { layer in
      layer.keys.contains { $0.name == "bound" && $0.typeName.contains("`\(method.name)`") }
    }
    let choice =
      layers.isEmpty
      ? "The compiler chooses it where it applies and is best."
      : "The compiler chooses it where it is best; `bound: \(method.name)` requires it in "
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
      case .multipliers: "MultiplierBound"
      }
    self.init(
      composition.rawValue, .composition,
      declarations: ["Composition.\(composition)", machinery])
  }

  /// A section's page.
  init(section: SpecLanguage.Section) {
    let text =
      section.path.isEmpty
      ? "The whole of a spec: a YAML mapping with these keys, see docs/spec.md."
      : "The mapping `\(section.path)` of a spec, with these keys, see docs/spec.md."
    self.init(
      section.path.isEmpty ? "spec" : section.path, .section, text: text, keys: section.keys)
  }

  /// A key's page: what it means in each place, places with the same meaning together.
  init(key name: String, at places: [KeyPlace]) {
    let meanings = Dictionary(grouping: places, by: \.key)
    let rows = meanings.map { key, places in
      let owners = places.map { $0.owner.isEmpty ? "a spec" : "`\($0.owner)`" }
      let type = [
        key.typeName, key.requirement, key.defaultText.map { "default `\($0)`" } ?? "required",
      ]
      return "- In \(owners.joined(separator: ", ")): \(key.summary) "
        + "(\(type.compactMap { $0 }.joined(separator: ", ")))."
    }
    self.init(name, .key, text: rows.sorted().joined(separator: "\n"))
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

/// A key where it stands.
struct KeyPlace: Sendable {
  /// The section's path or the entry's kind; empty for the spec itself.
  let owner: String
  /// What the manual says of it.
  let key: SpecKeyDescription
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
