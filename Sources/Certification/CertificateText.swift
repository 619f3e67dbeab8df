import Diagnostics
import Files

/// `certificate.json` as text: the head, then a line for each point, so that no more than a point has to be
/// in memory.
///
/// The text is that of ``JSONValue/prettyText`` of the whole document.
public struct CertificateText {
  /// What precedes the list of points.
  public static func opening(head: JSONValue) -> String {
    head.prettyText.dropLast("\n}\n".count) + ",\n  \"points\": ["
  }

  /// What follows it.
  public static let ending = "\n  ]\n}\n"
  /// What the line of a point begins with.
  static let indentation = "    "

  private let sink: FileSink
  private var isEmpty = true

  /// Begins a document.
  public init(head: JSONValue, to sink: FileSink) throws(Failure) {
    self.sink = sink
    try sink.append(Self.opening(head: head))
  }

  /// Appends a point; throws `file.unwritable`.
  public mutating func append(_ point: PointCertificate) throws(Failure) {
    try append(line: point.json.text)
  }

  /// Appends the text of a point; throws `file.unwritable`.
  public mutating func append(line: some StringProtocol) throws(Failure) {
    try sink.append((isEmpty ? "\n" : ",\n") + Self.indentation + line)
    isEmpty = false
  }

  /// Ends the document, which must have points; throws `file.unwritable`.
  public func finish() throws(Failure) {
    precondition(!isEmpty, "a certificate has points")
    try sink.append(Self.ending)
  }
}

extension PointCertificate {
  /// The entry of a certificate.
  var json: JSONValue {
    var entries: [(String, JSONValue)] = [
      ("index", .integer(index)), ("label", .integer(label)), ("predicted", .integer(predicted)),
      ("rival", .optional(rival?.label)), ("margin", .optional(rival?.margin)),
      ("error", .optional(rival?.error)), ("radius", .number(radius.value)),
    ]
    if let difference { entries.append(("difference", .number(difference))) }
    return .object(.init(uniqueKeysWithValues: entries))
  }
}
