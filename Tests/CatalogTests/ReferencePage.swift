import Catalog
import Foundation
import ModelIR
import Testing

/// A page of `docs/reference`: from the doc comments, keys and examples of a folder of the catalog.
struct ReferencePage: Sendable, CustomTestStringConvertible {
  /// One kind.
  struct Entry: Sendable {
    let kind: String
    let type: String
    let keys: [SpecKeyDescription]
    let mainKey: String?
    let examples: [String]
  }

  let file: String
  let title: String
  let folder: String
  let opening: String
  let entries: [Entry]

  var testDescription: String { file }

  static let all = [
    ReferencePage(
      file: "layers.md", title: "Layers", folder: "Layers",
      opening: "Shapes are those of one sample. Bounds are ℓ2 Lipschitz constants on all of ℝⁿ.",
      entries: Catalog.layers.map { type in
        Entry(
          kind: type.kind, type: "\(type)", keys: type.keys, mainKey: type.mainKey,
          examples: type.examples.map { example in
            let keys = example.keys.isEmpty ? "" : ": \(example.keys)"
            let shapes = example.inputs.map { "\($0)" }.joined(separator: " and ")
            return "`- \(type.kind)\(keys)` for \(shapes)"
          })
      }),
    ReferencePage(
      file: "losses.md", title: "Losses", folder: "Losses",
      opening: "F are the logits, t the label, K the number of classes.",
      entries: Catalog.losses.map { type in
        Entry(
          kind: type.kind, type: "\(type)", keys: type.keys, mainKey: type.mainKey,
          examples: type.examples.map { "`loss: {\(type.kind): \($0.isEmpty ? "{}" : $0)}`" })
      }),
    ReferencePage(
      file: "optimizers.md", title: "Optimizers", folder: "Optimizers",
      opening: "p is a parameter, g the loss's gradient, lr the learning rate, all elementwise.",
      entries: Catalog.optimizers.map { type in
        Entry(
          kind: type.kind, type: "\(type)", keys: type.keys, mainKey: type.mainKey,
          examples: type.examples.map { "`optimizer: {\(type.kind): \($0.isEmpty ? "{}" : $0)}`" })
      }),
    ReferencePage(
      file: "attacks.md", title: "Attacks", folder: "Attacks",
      opening:
        "F are the logits, t the label, r a radius. All norms are ℓ2; what is found lies in the box.",
      entries: Catalog.attacks.map { type in
        Entry(
          kind: type.kind, type: "\(type)", keys: type.keys, mainKey: type.mainKey,
          examples: type.examples.map { "`attacks: [{\(type.kind): \($0.isEmpty ? "{}" : $0)}]`" })
      }),
    ReferencePage(
      file: "augmentations.md", title: "Augmentations", folder: "Augmentations",
      opening: "C, H and W are the channels, rows and columns of a sample.",
      entries: Catalog.augmentations.map { type in
        Entry(
          kind: type.kind, type: "\(type)", keys: type.keys, mainKey: type.mainKey,
          examples: type.examples.map { "`augment: [{\(type.kind): \($0)}]`" })
      }),
    ReferencePage(
      file: "regularizers.md", title: "Regularizers", folder: "Regularizers",
      opening:
        "W is the weight of a dense layer or convolution, σ the spectral norm of its operator.",
      entries: Catalog.regularizers.map { type in
        Entry(
          kind: type.kind, type: "\(type)", keys: type.keys, mainKey: type.mainKey,
          examples: type.examples.map { "`regularizers: [{\(type.kind): \($0)}]`" })
      }),
  ]

  /// The page's text.
  func text() throws -> String {
    let sources = try CatalogSource.files(in: folder)
    var blocks = [
      "<!-- Generated from Sources/Catalog/\(folder); edit the doc comments there. -->",
      "# \(title)", opening,
    ]
    for entry in entries.sorted(by: { $0.kind < $1.kind }) {
      let comment = sources.lazy.compactMap { DocComment.text(of: entry.type, in: $0) }.first
      blocks += ["## \(entry.kind)", comment ?? ""]
      if !entry.keys.isEmpty { blocks.append(Self.table(entry)) }
      let examples = entry.examples.map { "- \($0)" }.joined(separator: "\n")
      blocks += ["Examples:", examples]
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private static func table(_ entry: Entry) -> String {
    let rows = entry.keys.map { key in
      let main = key.name == entry.mainKey ? " (main)" : ""
      let value = key.requirement.map { "\(key.typeName), \($0)" } ?? key.typeName
      let start = key.defaultText.map { "`\($0)`" } ?? "required"
      return "| `\(key.name)`\(main) | \(value) | \(start) | \(key.summary) |"
    }
    return (["| key | value | default | meaning |", "| --- | --- | --- | --- |"] + rows)
      .joined(separator: "\n")
  }
}
