import CLibYAML
import Diagnostics

/// One event of libyaml with byte offsets of the file instead of its marks.
struct YAMLEvent {
  enum Kind {
    case streamEnd, documentStart, documentEnd
    case alias(String)
    case scalar(String, isPlain: Bool)
    case sequenceStart, mappingStart
    case sequenceEnd, mappingEnd
    /// The start of the stream.
    case ignored
  }

  let kind: Kind
  /// First byte: of the anchor or tag if the node has one.
  let lower: Int
  /// One past the last byte; where a block ends, the start of what follows it.
  let upper: Int
  /// The name after `&`.
  var anchor: String?
  /// Whether the node has a tag.
  var hasTag = false
  /// Whether a list or mapping is written with brackets.
  var isFlow = false
}

/// The events of a document, pulled from libyaml one at a time.
final class YAMLEvents {
  private let source: YAMLSource
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  init(_ source: YAMLSource) {
    self.source = source
    parser = .allocate(capacity: 1)
    input = .allocate(capacity: max(source.range.count, 1))
    _ = input.update(fromContentsOf: source.file.bytes[source.range])
    guard yaml_parser_initialize(parser) == 1 else {
      preconditionFailure("libyaml has no memory for its parser")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, source.range.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The next event, or libyaml's error as a diagnostic, after which there are no more events.
  func next() -> Result<YAMLEvent, Failure> {
    var raw = yaml_event_t()
    guard yaml_parser_parse(parser, &raw) == 1 else { return .failure(Failure(syntaxFault())) }
    defer { yaml_event_delete(&raw) }
    var event = YAMLEvent(
      kind: Self.kind(raw), lower: source.offset(ofScalar: raw.start_mark.index),
      upper: source.offset(ofScalar: raw.end_mark.index))
    switch raw.type {
    case YAML_SCALAR_EVENT:
      event.anchor = Self.text(raw.data.scalar.anchor)
      event.hasTag = raw.data.scalar.tag != nil
    case YAML_SEQUENCE_START_EVENT:
      event.anchor = Self.text(raw.data.sequence_start.anchor)
      event.hasTag = raw.data.sequence_start.tag != nil
      event.isFlow = raw.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
    case YAML_MAPPING_START_EVENT:
      event.anchor = Self.text(raw.data.mapping_start.anchor)
      event.hasTag = raw.data.mapping_start.tag != nil
      event.isFlow = raw.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
    default: break
    }
    return .success(event)
  }

  private static func kind(_ raw: yaml_event_t) -> YAMLEvent.Kind {
    switch raw.type {
    case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .streamEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_ALIAS_EVENT: return .alias(text(raw.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = raw.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return .scalar(
        String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT: return .sequenceStart
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_START_EVENT: return .mappingStart
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    default: return .ignored
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private func syntaxFault() -> Diagnostic {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "malformed text"
    if parser.pointee.error == YAML_READER_ERROR {
      let offset = min(
        source.range.lowerBound + parser.pointee.problem_offset, source.range.upperBound)
      return .error(
        .yaml, "character", problem.lowercased(), at: source.span(offset, offset + 1))
    }
    let index = parser.pointee.problem_mark.index
    let offset = source.offset(ofScalar: index)
    let end = source.offset(ofScalar: index + 1)
    var notes: [Diagnostic.Note] = []
    if let context = parser.pointee.context {
      let start = source.offset(ofScalar: parser.pointee.context_mark.index)
      notes.append(.init(String(cString: context), at: source.span(start, start + 1)))
    }
    let isConstant =
      offset > source.range.lowerBound
      && source.file.bytes[offset - 1..<source.range.upperBound].starts(with: "${".utf8)
    let isTab = offset < source.range.upperBound && source.file.bytes[offset] == 0x09
    return .error(
      .yaml, "syntax", problem, at: source.span(offset, end), notes: notes,
      help: isTab
        ? "indent with spaces, not tabs"
        : isConstant
          ? "inside braces a constant needs quotes: '\"${…}\"'" : Self.help(problem))
  }

  /// The usual cause of some of libyaml's errors.
  private static func help(_ problem: String) -> String? {
    switch problem {
    case "mapping values are not allowed in this context":
      "a ':' inside a value needs quotes; or the line is indented too far"
    case "could not find expected ':'": "write 'key: value'"
    case "found character that cannot start any token": "put the value in quotes"
    case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
      "close the bracket, or separate the entries with commas"
    case "did not find expected key", "did not find expected '-' indicator":
      "entries of one list or mapping start in the same column"
    default: nil
    }
  }
}
