import Foundation
import Manual
import ModelIR
import Testing

/// A page of `docs/reference`: from the doc comments, keys and examples of a folder of the catalog.
struct ReferencePage: Sendable, CustomTestStringConvertible {
  let file: String
  let title: String
  let kind: Topic.Kind
  let opening: String

  var testDescription: String { file }

  static let all = [
    ReferencePage(
      file: "layers.md", title: "Layers", kind: .layer,
      opening: "Shapes are those of one sample. Bounds are ℓ2 Lipschitz constants on all of ℝⁿ."),
    ReferencePage(
      file: "losses.md", title: "Losses", kind: .loss,
      opening: "F are the logits, t the label, K the number of classes."),
    ReferencePage(
      file: "optimizers.md", title: "Optimizers", kind: .optimizer,
      opening: "p is a parameter, g the loss's gradient, lr the learning rate, all elementwise."),
    ReferencePage(
      file: "attacks.md", title: "Attacks", kind: .attack,
      opening:
        "F are the logits, t the label, r a radius. All norms are ℓ2; what is found lies in the box."
    ),
    ReferencePage(
      file: "parametrizations.md", title: "Parametrizations", kind: .parametrization,
      opening:
        "W is the weight that training forms, as a matrix with a row for each output or filter; V is free."
    ),
    ReferencePage(
      file: "augmentations.md", title: "Augmentations", kind: .augmentation,
      opening: "C, H and W are the channels, rows and columns of a sample."),
    ReferencePage(
      file: "regularizers.md", title: "Regularizers", kind: .regularizer,
      opening:
        "W is the weight of a dense layer or convolution, σ the spectral norm of its operator."),
  ]

  /// The page's text.
  func text() throws -> String {
    let sources = try CatalogSource.files(in: title)
    var blocks = [
      "<!-- Generated from Sources/Catalog/\(title); edit the doc comments there. -->",
      "# \(title)", opening,
    ]
    for topic in Manual.topics where topic.kind == kind {
      let comment = topic.declarations.lazy.compactMap { type in
        sources.lazy.compactMap { DocComment.text(of: type, in: $0) }.first
      }.first
      blocks += ["## \(topic.id)", comment ?? ""]
      if !topic.keys.isEmpty { blocks.append(Self.table(topic)) }
      blocks += ["Examples:", topic.examples.map(Self.item).joined(separator: "\n")]
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// An example as a list item; what it is for comes after the code.
  private static func item(_ example: String) -> String {
    let parts = example.split(separator: "  # for ", maxSplits: 1)
    return "- `\(parts[0])`" + (parts.count > 1 ? " for \(parts[1])" : "")
  }

  private static func table(_ topic: Topic) -> String {
    let rows = topic.keys.map { key in
      let main = key.name == topic.mainKey ? " (main)" : ""
      let value = key.requirement.map { "\(key.typeName), \($0)" } ?? key.typeName
      let start = key.defaultText.map { "`\($0)`" } ?? "required"
      return "| `\(key.name)`\(main) | \(value) | \(start) | \(key.summary) |"
    }
    return (["| key | value | default | meaning |", "| --- | --- | --- | --- |"] + rows)
      .joined(separator: "\n")
  }
}
