import Diagnostics
import Manual
import ModelIR

/// Renders pages of the manual as text.
public struct TopicText {
  private let width: Int
  private let style: TextStyle

  /// A renderer for lines of at most `width` columns.
  public init(width: Int, _ style: TextStyle) {
    self.width = width
    self.style = style
  }

  /// Pages after one another, with an empty line between them.
  public func pages(_ topics: [Topic]) -> String { topics.map(page).joined(separator: "\n") }

  /// The ids by kind.
  public func list(_ topics: [Topic]) -> String {
    var out = WrappedText(width: width)
    for kind in Topic.Kind.allCases {
      let ids = topics.filter { $0.kind == kind }.map(\.id)
      out.line(bold(kind.rawValue))
      out.paragraph(ids.joined(separator: ", "), indentation: 2, hanging: 2)
      out.space()
    }
    out.line("'lmtc explain ID' prints the page of an id.")
    return out.text
  }

  private func page(_ topic: Topic) -> String {
    var out = WrappedText(width: width)
    let code = exitCode(of: topic).map { ", exit code \($0.rawValue)" } ?? ""
    out.line("\(bold(topic.id)): \(topic.kind.rawValue)\(code)")
    out.space()
    out.markdown(topic.text, indentation: 2)
    if !topic.keys.isEmpty {
      out.space()
      out.line(bold("keys"))
      for key in topic.keys { write(key, isMain: key.name == topic.mainKey, to: &out) }
    }
    if !topic.examples.isEmpty {
      out.space()
      out.line(bold(topic.examples.count == 1 ? "example" : "examples"))
      for example in topic.examples { out.block(example, indentation: 2) }
    }
    return out.text
  }

  /// The exit code of an error; nil for warnings and topics that are not diagnostics.
  private func exitCode(of topic: Topic) -> ExitCode? {
    let parts = topic.id.split(separator: ".").map(String.init)
    guard topic.kind == .diagnostic, !topic.text.hasPrefix("- Cause: warning"), parts.count == 2,
      let area = Diagnostic.Area(rawValue: parts[0])
    else { return nil }
    return ExitCode(for: [Diagnostic(.init(area, parts[1]), "", at: .none)])
  }

  private func write(_ key: SpecKeyDescription, isMain: Bool, to out: inout WrappedText) {
    let parts = [
      key.typeName, key.requirement, key.defaultText.map { "default `\($0)`" } ?? "required",
      isMain ? "the main key" : nil,
    ]
    let type = parts.compactMap { $0 }.joined(separator: ", ")
    out.paragraph("\(key.name): \(type)", indentation: 2, hanging: 6)
    out.paragraph(key.summary, indentation: 6, hanging: 6)
  }

  private func bold(_ text: String) -> String { style(text, .strong) }
}
