import Compiler
import Diagnostics
import Glibc
import Manual
import ModelIR
import Reporting

/// `lmtc explain`: the manual's page of an id, or the list of ids.
public struct ExplainCommand {
  private let id: String?
  private let isJSON: Bool
  private let color: ColorChoice

  /// A command; without an id it lists them all.
  public init(_ id: String?, isJSON: Bool, color: ColorChoice) {
    self.id = id
    self.isJSON = isJSON
    self.color = color
  }

  /// Runs the command; an unknown id becomes `usage.unknown-topic`.
  public func run() -> ExitCode {
    let console = Console(isJSON: isJSON, color: color)
    do {
      let topics = try topics()
      if isJSON {
        let document: JSONValue = [
          "lmtc": .string(Product.version), "topics": .array(topics.map(\.json)),
        ]
        try console.write(document.prettyText)
      } else {
        let page = TopicText(width: Terminal.columns(), console.style)
        try console.write(id == nil ? page.list(topics) : page.pages(topics))
      }
      return .success
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  private func topics() throws(Failure) -> [Topic] {
    guard let id else { return Manual.topics }
    let found = Manual.topics(named: id)
    if found.isEmpty { throw Failure(unknown(id)) }
    return found
  }

  private func unknown(_ id: String) -> Diagnostic {
    let ids = Manual.topics.map(\.id)
    let containing = ids.filter { $0.contains(id.lowercased()) }
    let near = Suggestion.nearest(to: id, in: ids)
    let names = ([near].compactMap { $0 } + containing.filter { $0 != near }).prefix(8)
    let list = names.map { "'\($0)'" }.joined(separator: ", ")
    return Diagnostic(
      .init(.usage, "unknown-topic"), "the manual has no page '\(id)'", at: .none,
      help: names.isEmpty || id.isEmpty
        ? "'lmtc explain' lists all ids" : "did you mean \(list)?")
  }
}

extension Topic {
  /// The page as data.
  fileprivate var json: JSONValue {
    let keys = keys.map { key in
      [
        "name": .string(key.name), "type": .string(key.typeName),
        "requirement": .optional(key.requirement), "default": .optional(key.defaultText),
        "summary": .string(key.summary), "main": .bool(key.name == mainKey),
      ] as JSONValue
    }
    return [
      "id": .string(id), "kind": .string(kind.rawValue), "text": .string(text),
      "keys": .array(keys), "examples": .array(examples.map { .string($0) }),
    ]
  }
}
