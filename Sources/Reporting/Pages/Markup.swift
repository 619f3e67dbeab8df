/// A tree of HTML or SVG; text and attribute values are escaped where the tree is printed, so that nothing
/// from a spec or from data can become markup.
indirect enum Markup: Sendable {
  /// Characters, escaped.
  case text(String)
  /// An element; one without children closes itself if HTML has no end tag for it or SVG allows it.
  case element(String, [Attribute], [Markup])
  /// Several nodes in a row.
  case group([Markup])

  /// A name and a value.
  struct Attribute: Sendable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    init(_ name: String, _ value: Double) { self.init(name, Markup.coordinate(value)) }
  }

  /// An element with attributes in the given order.
  static func node(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
  ) -> Markup {
    .element(name, attributes.map { Attribute($0.key, $0.value) }, children)
  }

  /// An element of text alone.
  static func node(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ text: String
  ) -> Markup {
    node(name, attributes, [.text(text)])
  }

  /// A coordinate with at most two decimals.
  static func coordinate(_ value: Double) -> String {
    let hundredths = (value * 100).rounded() / 100
    guard hundredths.isFinite, abs(hundredths) < 1e9 else { return "0" }
    return hundredths == hundredths.rounded() ? String(Int(hundredths)) : String(hundredths)
  }

  /// The document as text.
  var html: String {
    var text = ""
    print(to: &text)
    return text
  }

  private static let withoutEnd: Set<String> = [
    "meta", "br", "img", "path", "line", "rect", "circle", "polyline",
  ]
  /// Elements after which a line may end without changing how the page looks.
  private static let blocks: Set<String> = [
    "head", "body", "section", "table", "tr", "p", "h1", "h2", "figure", "svg", "meta", "title",
    "style", "path", "line", "rect", "g", "main", "header", "footer", "dl", "div",
  ]

  private func print(to text: inout String) {
    switch self {
    case .text(let characters): Self.escape(characters, to: &text)
    case .group(let nodes): for node in nodes { node.print(to: &text) }
    case .element(let name, let attributes, let children):
      text += "<\(name)"
      for attribute in attributes {
        text += " \(attribute.name)=\""
        Self.escape(attribute.value, to: &text)
        text += "\""
      }
      if Self.withoutEnd.contains(name) {
        text += "/>"
      } else {
        text += ">"
        for child in children { child.print(to: &text) }
        text += "</\(name)>"
      }
      if Self.blocks.contains(name) { text += "\n" }
    }
  }

  private static func escape(_ characters: String, to text: inout String) {
    for scalar in characters.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "\n", "\t": text.unicodeScalars.append(scalar)
      // HTML and XML have no other control characters, not even as references.
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
