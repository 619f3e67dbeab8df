extension Diagnostic {
  /// The diagnostic as JSON; unknown positions are null.
  public var json: JSONValue {
    var place = Place()
    switch location {
    case .span(let span): place = Place(span)
    case .file(let path, let offset):
      place.file = path
      place.offset = offset
    case .row(let path, let line, let column):
      place.file = path
      (place.line, place.column) = (line, column)
    case .none: break
    }
    return [
      "id": .string(id.description), "severity": .string(severity.rawValue),
      "file": .optional(place.file), "line": .optional(place.line),
      "column": .optional(place.column), "end_line": .optional(place.endLine),
      "end_column": .optional(place.endColumn), "offset": .optional(place.offset),
      "message": .string(message), "help": .optional(help),
      "notes": .array(notes.map(\.json)),
    ]
  }
}

extension Diagnostic.Note {
  fileprivate var json: JSONValue {
    let place = span.map(Place.init) ?? Place()
    return [
      "message": .string(message), "file": .optional(place.file), "line": .optional(place.line),
      "column": .optional(place.column),
    ]
  }
}

/// The known parts of a location.
private struct Place {
  var file: String?
  var line: Int?
  var column: Int?
  var endLine: Int?
  var endColumn: Int?
  var offset: Int?

  init() {}

  init(_ span: Span) {
    file = span.file.path
    (line, column) = span.file.position(of: span.lower)
    (endLine, endColumn) = span.file.position(of: span.upper)
  }
}
