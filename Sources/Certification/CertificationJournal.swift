import Compiler
import Diagnostics
import Digest
import Enclosure
import Files

/// The points that an unfinished certification has certified, so that an interrupted one can go on.
///
/// A file of the run folder that only grows: a line of JSON that says what is certified, then a line for
/// each point with tab-separated columns. A last line without its end is what a failure of the machine cut
/// off; it and everything after the first line that is not the next point are dropped and certified again.
public final class CertificationJournal {
  private var kept: [AnalyzedPoint] = []
  private let file: AppendedFile
  private let folder: RunFolder

  /// Opens a journal.
  ///
  /// Throws `file.…`, or `data.journal` where the journal to go on from is of another certification.
  ///
  /// - Parameters:
  ///   - head: of the certificate.
  ///   - labels: of the points to certify, whose indices are those of the points.
  ///   - isResumed: whether to keep what is there; if nothing is, all points are left to be certified.
  public init(
    _ folder: RunFolder, head: JSONValue, labels: ArraySlice<Int>, isResumed: Bool
  ) throws(Failure) {
    self.folder = folder
    let header = JournalHeader(head: head)
    let path = folder.path(of: .journal)
    guard isResumed, folder.contains(.journal) else {
      file = try AppendedFile(path)
      try file.append(header.json.text + "\n")
      return
    }
    var reader = JournalReader(try folder.read(.journal))
    guard let line = reader.nextLine() else {
      file = try AppendedFile(path)
      try file.append(header.json.text + "\n")
      return
    }
    try header.check(line, path: path)
    for index in labels.indices {
      guard let point = reader.nextPoint(), point.certificate.index == index,
        point.certificate.label == labels[index]
      else { break }
      reader.accept()
      kept.append(point)
    }
    file = try AppendedFile(path, keeping: reader.accepted)
  }

  /// The points that were there; they are not kept in memory afterwards.
  public func takeKept() -> [AnalyzedPoint] {
    defer { kept = [] }
    return kept
  }

  /// Appends points, which follow those that are there; throws `file.unwritable`.
  public func append(_ points: [AnalyzedPoint]) throws(Failure) {
    try file.append(points.map { $0.journalLine }.joined())
  }

  /// Removes the file: its points are in a certificate.
  public func remove() { folder.remove(.journal) }
}

/// What a journal's points belong to.
private struct JournalHeader {
  private static let format = "lmtc.journal.1"

  /// In the order in which differences are reported, with the words for it.
  private let entries: [(key: String, words: String, value: JSONValue)]

  init(head: JSONValue) {
    func digest(_ key: String) -> JSONValue { head[key]?["sha256"] ?? .null }
    let all = SHA256.hexadecimalDigest(of: Array(head.text.utf8))
    entries = [
      ("format", "format", .string(Self.format)),
      ("lmtc", "version of lmtc", head["lmtc"] ?? .null),
      ("spec", "spec", digest("spec")), ("weights", "weights", digest("weights")),
      ("shard", "shard", head["shard"] ?? .null), ("test", "test data", digest("test")),
      ("head", "bounds", .string(all)),
    ]
  }

  var json: JSONValue {
    .object(.init(uniqueKeysWithValues: entries.map { ($0.key, $0.value) }))
  }

  /// Throws `data.journal` unless a line says the same.
  func check(_ line: ArraySlice<UInt8>, path: String) throws(Failure) {
    let text = String(decoding: line, as: UTF8.self)
    guard text != json.text else { return }
    let other = entries.first { !text.contains("\"\($0.key)\": \($0.value.text)") }
    throw Failure(
      Diagnostic(
        .init(.data, "journal"),
        "the points in the journal were certified with another \(other?.words ?? "header")",
        at: .file(path: path, offset: nil),
        help: "go on with what the interrupted command was given, or start over without '--resume'")
    )
  }
}

/// Reads the lines of a journal.
private struct JournalReader {
  private let bytes: [UInt8]
  private var position = 0
  /// The number of bytes that are kept.
  private(set) var accepted = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The first line; nil if it has no end.
  mutating func nextLine() -> ArraySlice<UInt8>? {
    guard let line = line() else { return nil }
    accepted = position
    return line
  }

  /// The next point; nil if there is none.
  mutating func nextPoint() -> AnalyzedPoint? {
    line().flatMap { AnalyzedPoint(journalLine: String(decoding: $0, as: UTF8.self)) }
  }

  /// Keeps what was read.
  mutating func accept() { accepted = position }

  private mutating func line() -> ArraySlice<UInt8>? {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { position = end + 1 }
    return bytes[position..<end]
  }
}

extension AnalyzedPoint {
  /// Tab-separated columns; numbers are the shortest decimals that read back exactly.
  fileprivate var journalLine: String {
    let point = certificate
    var columns = ["\(point.index)", "\(point.label)", "\(point.predicted)"]
    columns += [point.radius.value, exactRadius.value, error.value].map { "\($0)" }
    if let difference = point.difference { columns.append("\(difference)") }
    if let rival = point.rival {
      columns += ["\(rival.label)", "\(rival.margin)", "\(rival.error)"]
    }
    return columns.joined(separator: "\t") + "\n"
  }

  /// Reads such a line; nil where it is anything else.
  fileprivate init?(journalLine line: String) {
    let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard [6, 7, 9, 10].contains(columns.count) else { return nil }
    let integers = columns[..<3].compactMap { Int($0) }
    let numbers = columns[3..<6].compactMap { Double($0) }
    guard integers.count == 3, numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }) else {
      return nil
    }
    let isCritic = columns.count % 3 == 1
    var rival: PointCertificate.Rival?
    if columns.count >= 9 {
      let last = columns.suffix(3).map(String.init)
      guard let label = Int(last[0]), let margin = Double(last[1]), let error = Double(last[2])
      else { return nil }
      rival = PointCertificate.Rival(label: label, margin: margin, error: error)
    }
    guard (rival == nil) == (numbers[0] == 0) else { return nil }
    let radius = LowerBound(proven: numbers[0])
    self.init(
      certificate: PointCertificate(
        index: integers[0], label: integers[1], predicted: integers[2], radius: radius,
        rival: rival, difference: isCritic ? Double(columns[6]) : nil),
      exactRadius: LowerBound(proven: numbers[1]), error: UpperBound(proven: numbers[2]))
    // Only what was written like this is read, bit for bit.
    guard line + "\n" == journalLine else { return nil }
  }
}
