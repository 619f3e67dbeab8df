import Diagnostics
import SpecSyntax

/// Checks documents by the part of JSON Schema draft 7 that ``SpecSchema`` uses.
struct SchemaValidator {
  let document: JSONValue

  /// What is wrong, one line each, with the path; a keyword that is not known is a fault too.
  func faults(_ value: JSONValue) -> [String] { faults(value, document, at: "$") }

  /// The faults of a value by one of the definitions.
  func faults(_ value: JSONValue, by definition: String) -> [String] {
    faults(value, resolve("#/definitions/" + definition), at: "$")
  }

  private func resolve(_ reference: String) -> JSONValue {
    reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? false }
  }

  private func faults(_ value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
    if let target = schema["$ref"]?.string { return faults(value, resolve(target), at: path) }
    guard case .object(let keywords) = schema else {
      return schema == true ? [] : ["\(path): nothing is allowed here"]
    }
    return keywords.flatMap { name, argument in
      faults(value, name, argument, of: schema, at: path)
    }
  }

  private func faults(
    _ value: JSONValue, _ keyword: String, _ argument: JSONValue, of schema: JSONValue,
    at path: String
  ) -> [String] {
    func fails(_ holds: Bool) -> [String] { holds ? [] : ["\(path): \(keyword) \(argument.text)"] }
    switch keyword {
    case "$schema", "title", "description", "definitions", "then": return []
    case "type": return fails((argument.elements ?? [argument]).contains { value.hasType($0) })
    case "enum": return fails(argument.elements?.contains(value) == true)
    case "const": return fails(argument == value)
    case "pattern": return fails(value.string.map { $0.matches(argument.string) } ?? true)
    case "anyOf":
      return fails(argument.elements?.contains { faults(value, $0, at: path).isEmpty } == true)
    case "allOf": return (argument.elements ?? []).flatMap { faults(value, $0, at: path) }
    case "if":
      let applies = faults(value, argument, at: path).isEmpty
      return applies ? faults(value, schema["then"] ?? true, at: path) : []
    case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
      return fails(value.number.map { compare($0, keyword, argument.number ?? .nan) } ?? true)
    case "items": return elementFaults(value, argument, at: path)
    case "minItems": return fails(value.elements.map { $0.count >= argument.integer ?? 0 } ?? true)
    case "maxItems": return fails(value.elements.map { $0.count <= argument.integer ?? 0 } ?? true)
    default: return memberFaults(value, keyword, argument, of: schema, at: path)
    }
  }

  private func compare(_ number: Double, _ keyword: String, _ limit: Double) -> Bool {
    switch keyword {
    case "minimum": number >= limit
    case "maximum": number <= limit
    case "exclusiveMinimum": number > limit
    default: number < limit
    }
  }

  private func elementFaults(
    _ value: JSONValue, _ schema: JSONValue, at path: String
  ) -> [String] {
    (value.elements ?? []).enumerated().flatMap { faults($1, schema, at: "\(path)[\($0)]") }
  }

  /// Keywords about the members of an object.
  private func memberFaults(
    _ value: JSONValue, _ keyword: String, _ argument: JSONValue, of schema: JSONValue,
    at path: String
  ) -> [String] {
    let members = value.members
    func fails(_ holds: Bool) -> [String] {
      holds || members == nil ? [] : ["\(path): \(keyword) \(argument.text)"]
    }
    switch keyword {
    case "required":
      return fails((argument.elements ?? []).allSatisfy { value[$0.string ?? ""] != nil })
    case "minProperties": return fails(members?.count ?? 0 >= argument.integer ?? 0)
    case "maxProperties": return fails(members?.count ?? 0 <= argument.integer ?? 0)
    case "properties":
      return (argument.members ?? []).flatMap { name, schema in
        value[name].map { faults($0, schema, at: "\(path).\(name)") } ?? []
      }
    case "propertyNames":
      return (members ?? []).flatMap { faults(.string($0.0), argument, at: "\(path).\($0.0)") }
    case "additionalProperties":
      return (members ?? []).filter { schema["properties"]?[$0.0] == nil }
        .flatMap { faults($0.1, argument, at: "\(path).\($0.0)") }
    default: return ["\(path): the keyword '\(keyword)' is unknown"]
    }
  }
}

extension JSONValue {
  fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }

  fileprivate var members: [(String, JSONValue)]? {
    if case .object(let entries) = self { entries.map { ($0.key, $0.value) } } else { nil }
  }

  fileprivate func hasType(_ name: JSONValue) -> Bool {
    switch self {
    case .null: name == "null"
    case .bool: name == "boolean"
    case .integer: name == "integer" || name == "number"
    case .number(let number):
      name == "number" || name == "integer" && number == number.rounded()
    case .string: name == "string"
    case .array: name == "array"
    case .object: name == "object"
    }
  }

  /// A YAML tree by the core schema of YAML 1.2, as editors read it.
  init(_ node: YAMLNode) {
    switch node.content {
    case .mapping(let pairs):
      self = pairs.reduce([:] as JSONValue) {
        $0.setting($1.key.scalar ?? "", to: JSONValue($1.value))
      }
    case .sequence(let nodes): self = .array(nodes.map { JSONValue($0) })
    case .scalar(let text, let isPlain): self = isPlain ? JSONValue(plain: text) : .string(text)
    }
  }

  private init(plain text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = true
    case "false", "False", "FALSE": self = false
    default:
      if text.matches("^[-+]?[0-9]+$") {
        self = .integer(Int(text) ?? 0)
      } else if text.matches("^0x[0-9a-fA-F]+$|^0o[0-7]+$") {
        self = .integer(Int(text.dropFirst(2), radix: text.contains("x") ? 16 : 8) ?? 0)
      } else if text.matches("^[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?$") {
        self = .number(Double(text) ?? Double("0" + text) ?? 0)
      } else {
        self = .string(text)
      }
    }
  }
}

extension String {
  /// Whether a part of the text matches a pattern.
  fileprivate func matches(_ pattern: String?) -> Bool {
    guard let pattern, let regex = try? Regex(pattern) else { return false }
    return firstMatch(of: regex) != nil
  }
}
