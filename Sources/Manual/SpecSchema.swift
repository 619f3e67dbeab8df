import Catalog
import Diagnostics
import ModelIR

/// The JSON Schema (draft 7) of the spec language, made of the descriptions of keys that the manual prints.
///
/// Editors complete and check specs by it. It accepts every valid spec. What it cannot express is left to
/// `lmtc compile`: which names are defined, shapes, and what a constant stands for, so that `${…}` is accepted
/// everywhere, and the name of any block for a layer.
public enum SpecSchema {
  /// The document.
  public static var document: JSONValue {
    var definitions: JSONValue = [
      "constant": ["type": "string", "pattern": "\\$"],
      "expression": [
        "description": "an exact expression: numbers, + - * / ( ), sqrt, and constants as ${name}",
        "type": "string",
        "pattern": "\\$|^(?=.*[0-9])([-+*/(). 0-9a-fA-FxXoO]|sqrt)+$",
      ],
      "layer": layer, "block": block,
    ]
    for set in sets {
      definitions = definitions.setting(
        set.noun, to: entry(set.kinds, others: [reference("constant")]))
    }
    let head: JSONValue = [
      "$schema": "http://json-schema.org/draft-07/schema#", "title": "lmtc spec",
    ]
    let spec = mapping(keys(of: ""), at: "")
    return ["type", "required", "properties", "additionalProperties"].reduce(head) {
      $0.setting($1, to: spec[$1] ?? .null)
    }.setting("definitions", to: definitions)
  }

  /// A kind of an open set with its keys.
  private struct Kind {
    let name: String
    let mainKey: String?
    let keys: [SpecKeyDescription]
    var summary: String?

    /// Whether the name alone is an entry.
    var standsAlone: Bool { keys.allSatisfy { $0.defaultText != nil } }
  }

  /// The open sets but those of layers and data formats, by what messages call an entry.
  private static var sets: [(noun: String, kinds: [Kind])] {
    let kinds: [Topic.Kind] = [
      .loss, .optimizer, .regularizer, .parametrization, .augmentation, .attack,
    ]
    return kinds.map { ($0.rawValue, self.kinds($0)) } + [
      (
        "schedule",
        SpecLanguage.schedules.map { Kind(name: $0.kind, mainKey: $0.mainKey, keys: $0.keys) }
      )
    ]
  }

  private static func kinds(_ kind: Topic.Kind) -> [Kind] {
    Manual.topics.filter { $0.kind == kind }.map {
      Kind(name: $0.id, mainKey: $0.mainKey, keys: $0.keys, summary: $0.summary)
    }
  }
}

// Entries and layers.
extension SpecSchema {
  /// `kind`, `kind: value` or `kind: {keys}`.
  ///
  /// - Parameter others: what else may stand there.
  private static func entry(
    _ kinds: [Kind], others: [JSONValue], allowsOtherKinds: Bool = false
  ) -> JSONValue {
    let values = kinds.reduce([:]) { $0.setting($1.name, to: value(of: $1)) } as JSONValue
    let alone = kinds.filter(\.standsAlone).map { JSONValue.string($0.name) }
    return anyOf(
      [
        ["enum": .array(alone)],
        [
          "type": "object", "minProperties": 1, "maxProperties": 1, "properties": values,
          "additionalProperties": .bool(allowsOtherKinds),
        ],
      ] + others)
  }

  /// What stands after the name of a kind.
  private static func value(of kind: Kind) -> JSONValue {
    let main = kind.keys.filter { $0.name == kind.mainKey }.flatMap { forms($0.form, at: "") }
    let none: [JSONValue] = kind.standsAlone ? [["type": "null"]] : []
    let value = anyOf([mapping(kind.keys, at: "")] + main + none + [reference("constant")])
    return kind.summary.map { value.described($0) } ?? value
  }

  /// A layer, a structure of layers, or a block, whose name may be any.
  private static var layer: JSONValue {
    let layers = kinds(.layer).map {
      Kind(
        name: $0.name, mainKey: $0.mainKey, keys: $0.keys + SpecLanguage.layerKeys,
        summary: $0.summary)
    }
    let structures = SpecLanguage.structures.map {
      Kind(name: $0.kind, mainKey: $0.mainKey, keys: $0.keys)
    }
    return entry(layers + structures, others: [["type": "string"]], allowsOtherKinds: true)
  }

  /// What `define` says of a block.
  private static var block: JSONValue {
    [
      "type": "object", "required": ["layers"], "additionalProperties": false,
      "properties": [
        "parameters": [
          "description": "names of parameters, with defaults where they have any",
          "type": ["object", "null"],
        ],
        "layers": anyOf(forms(.layers, at: "")),
      ],
    ]
  }
}

// Sections and their keys.
extension SpecSchema {
  private static func keys(of path: String) -> [SpecKeyDescription] {
    (SpecLanguage.sections + [SpecLanguage.scheduled]).first { $0.path == path }?.keys ?? []
  }

  /// A mapping with some keys and no others.
  private static func mapping(_ keys: [SpecKeyDescription], at path: String) -> JSONValue {
    let properties =
      keys.reduce([:]) { $0.setting($1.name, to: property($1, at: path)) } as JSONValue
    let required = keys.filter { $0.defaultText == nil }.map { JSONValue.string($0.name) }
    return [
      "type": "object", "required": .array(required), "properties": properties,
      "additionalProperties": false,
    ]
  }

  private static func property(_ key: SpecKeyDescription, at path: String) -> JSONValue {
    let place = path.isEmpty ? key.name : path + "." + key.name
    let limits = key.requirement.map { ", \($0)" } ?? ""
    let otherwise = key.defaultText.map { "; default: \($0)" } ?? ""
    let text = "\(key.summary) (\(key.typeName)\(limits)\(otherwise))"
    return anyOf(forms(key.form, at: place)).described(text)
  }

  /// The section at a path.
  private static func section(_ path: String) -> JSONValue {
    switch path {
    case "let": ["type": ["object", "null"]]
    case "define": ["type": ["object", "null"], "additionalProperties": reference("block")]
    case "data": data
    case "network": network
    default: mapping(keys(of: path), at: path)
    }
  }

  /// The section `network`, which states its layers or names a file.
  private static var network: JSONValue {
    let file = mapping(SpecLanguage.networkFile, at: "network")
      .setting("required", to: [.string(SpecLanguage.networkFile[0].name)])
    return anyOf([mapping(SpecLanguage.statedNetwork, at: "network"), file])
  }

  /// The section `data`, whose keys depend on the format.
  private static var data: JSONValue {
    let common = keys(of: "data").filter { $0.name != "format" }
    let formats = kinds(.dataFormat)
    let names = formats.map { JSONValue.string($0.name) }
    let choices = formats.map { format -> JSONValue in
      let keys = mapping(common + format.keys, at: "data")
      let known = ["format"] + (common + format.keys).map(\.name)
      return [
        "if": ["properties": ["format": ["const": .string(format.name)]]],
        "then": [
          "required": keys["required"] ?? [], "properties": keys["properties"] ?? [:],
          "propertyNames": ["enum": .array(known.map { .string($0) })],
        ],
      ]
    }
    return [
      "type": "object", "required": ["format"],
      "properties": ["format": ["description": "the file format", "enum": .array(names)]],
      "allOf": .array(choices),
    ]
  }
}

// Values.
extension SpecSchema {
  /// The schemas of which a value satisfies one.
  private static func forms(_ form: SpecForm, at path: String) -> [JSONValue] {
    switch form {
    case .integer(let limits): [limits.schema(of: "integer"), reference("expression")]
    case .number(let limits): [limits.schema(of: "number"), reference("expression")]
    case .boolean: [["type": "boolean"], reference("constant")]
    case .text: [["type": ["string", "number", "boolean"]]]
    case .words(let words):
      [["enum": .array(words.map { .string($0) })], reference("constant")]
    case .list(let element, let counts):
      [list(of: anyOf(forms(element, at: path)), counts), reference("constant")]
    case .either(let forms): forms.flatMap { self.forms($0, at: path) }
    case .mapping: [section(path), reference("constant")]
    case .entry(let noun): [reference(noun)]
    case .layers: [list(of: reference("layer"), 0...Int.max), reference("constant")]
    }
  }

  private static func list(of element: JSONValue, _ counts: ClosedRange<Int>) -> JSONValue {
    var list: JSONValue = ["type": "array", "items": element]
    if counts.lowerBound > 0 { list = list.setting("minItems", to: .integer(counts.lowerBound)) }
    if counts.upperBound < .max { list = list.setting("maxItems", to: .integer(counts.upperBound)) }
    return list
  }

  private static func anyOf(_ schemas: [JSONValue]) -> JSONValue {
    var unique: [JSONValue] = []
    for schema in schemas where !unique.contains(schema) { unique.append(schema) }
    return ["anyOf": .array(unique)]
  }

  private static func reference(_ name: String) -> JSONValue {
    ["$ref": .string("#/definitions/" + name)]
  }
}

extension SpecLimits {
  /// A number of a type between the limits.
  fileprivate func schema(of type: String) -> JSONValue {
    var schema: JSONValue = ["type": .string(type)]
    if let lower {
      schema = schema.setting(isAbove ? "exclusiveMinimum" : "minimum", to: .exact(lower))
    }
    if let upper {
      schema = schema.setting(isBelow ? "exclusiveMaximum" : "maximum", to: .exact(upper))
    }
    return schema
  }
}

extension JSONValue {
  /// A number, whole ones without a point.
  fileprivate static func exact(_ number: Double) -> JSONValue {
    Int(exactly: number).map { .integer($0) } ?? .number(number)
  }

  /// The schema with a description before it.
  fileprivate func described(_ text: String) -> JSONValue {
    guard case .object(let entries) = self else { return self }
    return entries.reduce(["description": .string(text)]) { $0.setting($1.key, to: $1.value) }
  }
}

extension Topic {
  /// The text's first paragraph, on one line.
  fileprivate var summary: String? {
    let paragraph = text.split(separator: "\n\n", maxSplits: 1).first
    return paragraph.map { String($0.replacing("\n", with: " ")) }
  }
}
