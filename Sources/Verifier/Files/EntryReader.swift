import CLibYAML

/// Reads YAML, of which JSON is a part: certificates, resolved specs and the headers of weights.
///
/// One document without anchors, aliases and tags; no key twice; at most 32 levels.
final class EntryReader {
  private static let deepest = 32
  private let file: String
  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

  /// The document that fills the bytes.
  static func read(_ bytes: ArraySlice<UInt8>, file: String) throws(Refusal) -> Entry {
    let reader = EntryReader(file)
    guard yaml_parser_initialize(reader.parser) == 1 else { throw reader.fault("out of memory") }
    defer { yaml_parser_delete(reader.parser) }
    yaml_parser_set_encoding(reader.parser, YAML_UTF8_ENCODING)
    let result = bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(reader.parser, buffer.baseAddress, buffer.count)
      return Result { () throws(Refusal) in try reader.document() }
    }
    return try result.get()
  }

  private init(_ file: String) { self.file = file }
  deinit { parser.deallocate() }

  private func fault(_ message: String) -> Refusal {
    Refusal(.malformed, message, at: place(parser.pointee.mark, nil))
  }

  private func place(_ mark: yaml_mark_t, _ path: String?) -> Refusal.Place {
    Refusal.Place(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1, path: path)
  }

  private func document() throws(Refusal) -> Entry {
    guard let entry = try entry(path: "", depth: 0) else { throw fault("the file is empty") }
    guard try self.entry(path: "", depth: 0) == nil else {
      throw fault("expected one document, found more")
    }
    return entry
  }

  /// The next value; nil at the end of a list or mapping, or of the file.
  private func entry(path: String, depth: Int) throws(Refusal) -> Entry? {
    guard depth <= Self.deepest else { throw fault("nested more than \(Self.deepest) levels deep") }
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxFault() }
      defer { yaml_event_delete(&event) }
      let content: Entry.Content
      switch event.type {
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
      case YAML_SCALAR_EVENT:
        let scalar = event.data.scalar
        try refuse(anchor: scalar.anchor, tag: scalar.tag)
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        content = .scalar(
          String(decoding: bytes, as: UTF8.self),
          isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
      case YAML_SEQUENCE_START_EVENT:
        try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag)
        content = .list(try elements(path, depth))
      case YAML_MAPPING_START_EVENT:
        try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag)
        content = .mapping(try pairs(path, depth))
      case YAML_ALIAS_EVENT: throw fault("aliases are not supported")
      default: return nil
      }
      return Entry(content: content, place: place(event.start_mark, path))
    }
  }

  private func elements(_ path: String, _ depth: Int) throws(Refusal) -> [Entry] {
    var elements: [Entry] = []
    while let element = try entry(path: "\(path)[\(elements.count)]", depth: depth + 1) {
      elements.append(element)
    }
    return elements
  }

  private func pairs(_ path: String, _ depth: Int) throws(Refusal) -> [(key: String, value: Entry)]
  {
    var pairs: [(key: String, value: Entry)] = []
    var keys: Set<String> = []
    while let key = try entry(path: path, depth: depth + 1) {
      guard case .scalar(let name, _) = key.content, keys.insert(name).inserted,
        let value = try entry(path: path.isEmpty ? name : path + "." + name, depth: depth + 1)
      else { throw key.malformed("keys must be text and must not be duplicated") }
      pairs.append((name, value))
    }
    return pairs
  }

  private func refuse(
    anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?
  ) throws(Refusal) {
    guard anchor == nil, tag == nil else { throw fault("anchors and tags are not supported") }
  }

  private func syntaxFault() -> Refusal {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not valid YAML"
    return Refusal(.malformed, problem, at: place(parser.pointee.problem_mark, nil))
  }
}
