import CLibYAML

/// A resolved spec: scalars, lists and mappings, without anchors and tags.
indirect enum YAMLTree: Sendable {
  case scalar(String)
  case list([YAMLTree])
  case mapping([(key: String, value: YAMLTree)])

  /// The value under a key of a mapping.
  subscript(key: String) -> YAMLTree? {
    guard case .mapping(let pairs) = self else { return nil }
    return pairs.first { $0.key == key }?.value
  }

  /// The text of a scalar.
  var text: String? { if case .scalar(let text) = self { text } else { nil } }
  /// The elements of a list.
  var list: [YAMLTree]? { if case .list(let elements) = self { elements } else { nil } }
  /// A decimal number.
  var number: Double? { text.flatMap { Double($0) } }
  /// An integer.
  var integer: Int? { text.flatMap { Int($0) } }
}

/// Builds a tree from libyaml's events.
final class YAMLReader {
  private static let deepest = 32
  private let file: String
  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

  /// The document that fills the bytes.
  static func read(_ bytes: [UInt8], file: String) throws(Refusal) -> YAMLTree {
    let reader = YAMLReader(file)
    defer {
      yaml_parser_delete(reader.parser)
      reader.parser.deallocate()
    }
    guard yaml_parser_initialize(reader.parser) == 1 else { throw reader.fault("no memory") }
    let result = bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(reader.parser, buffer.baseAddress, buffer.count)
      return Result { () throws(Refusal) in try reader.node(depth: 0) }
    }
    guard let tree = try result.get() else { throw reader.fault("the file is empty") }
    return tree
  }

  private init(_ file: String) { self.file = file }

  private func fault(_ message: String) -> Refusal {
    let mark = parser.pointee.mark
    return Refusal(
      .malformed, message,
      at: .init(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1))
  }

  /// The next node; nil at the end of a list or mapping, or of the document.
  private func node(depth: Int) throws(Refusal) -> YAMLTree? {
    guard depth <= Self.deepest else { throw fault("values may nest \(Self.deepest) deep at most") }
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw fault("this is no YAML") }
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT: continue
      case YAML_SCALAR_EVENT:
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return .scalar(String(decoding: bytes, as: UTF8.self))
      case YAML_SEQUENCE_START_EVENT:
        var elements: [YAMLTree] = []
        while let element = try node(depth: depth + 1) { elements.append(element) }
        return .list(elements)
      case YAML_MAPPING_START_EVENT: return .mapping(try pairs(depth))
      case YAML_ALIAS_EVENT: throw fault("resolved specs have no aliases")
      default: return nil
      }
    }
  }

  private func pairs(_ depth: Int) throws(Refusal) -> [(key: String, value: YAMLTree)] {
    var pairs: [(key: String, value: YAMLTree)] = []
    var keys: Set<String> = []
    while let key = try node(depth: depth + 1) {
      guard let name = key.text, keys.insert(name).inserted,
        let value = try node(depth: depth + 1)
      else { throw fault("keys must be different texts with a value each") }
      pairs.append((name, value))
    }
    return pairs
  }
}
