import Diagnostics
import FileFormats
import ModelIR
import SpecSyntax

/// A table of numbers, one sample per row: its values in row-major order and its label.
///
/// `train` and `test` name a file, or a folder with `train.csv` and `test.csv`, plain or gzip.
/// Rows end in a line feed, with or without a carriage return before it; fields may be in double
/// quotes. Each row must have the values of the network's input and one label, an integer from 0.
/// Cost: one pass; at most 4 bytes of memory, before growth, for each 2 of the file.
struct CSVFormat: UnlabeledFormat {
  static let kind = "csv"
  static let examples = ["", "{label: first, header: true, separator: tab}"]

  fileprivate let label: LabelColumn
  fileprivate let hasHeader: Bool
  fileprivate let separator: Separator

  init(from reader: inout ConfigReader) {
    label = reader.read("label", default: .last, "the column of the label")
    hasHeader = reader.read("header", default: false, "whether the first row names the columns")
    separator = reader.read("separator", default: .comma, "the separator of fields")
  }

  var storedRange: ClosedRange<Double>? { nil }

  func files(for split: DataSplit) -> DataRequest {
    .files([DataFileRequest("table", candidates: ["\(split.rawValue).csv"])])
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    var table = try CSVTable(files["table"], format: self, shape: shape, classes: classes)
    return LabeledData(shape: shape, values: try table.decode(), labels: table.labels)
  }

  func inputs(_ files: DataFiles, shape: [Int]) throws(Failure) -> LabeledData.Values {
    var table = try CSVTable(files["table"], format: self, shape: shape, classes: nil)
    return .numbers(try table.decode())
  }
}

private enum Separator: String, WordValue {
  case comma, semicolon, tab, space

  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: 0x09
    case .space: 0x20
    }
  }
}

private enum LabelColumn: Hashable, SpecValue {
  case first, last
  /// Counted from 1.
  case number(Int)

  static let typeName = "first, last or a column number from 1"
  static let placeholder = LabelColumn.first

  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> LabelColumn? {
    switch node.scalar {
    case "first": return .first
    case "last": return .last
    case let text?:
      if let number = Int(text), number >= 1 { return .number(number) }
    case nil: break
    }
    let found = node.scalar.map { "'\($0)'" } ?? node.typeName
    diagnostics.append(
      .error(
        .spec, "wrong-type", "'\(key)' must be \(typeName), found \(found)", at: node.span))
    return nil
  }

  var specText: String {
    switch self {
    case .first: "first"
    case .last: "last"
    case .number(let number): String(number)
    }
  }

  /// The zero-based column in a table of so many; nil beyond them.
  func index(of columns: Int) -> Int? {
    switch self {
    case .first: 0
    case .last: columns - 1
    case .number(let number): number <= columns ? number - 1 : nil
    }
  }
}

/// One decoding of a table: its rows so far and the faults found in it.
private struct CSVTable {
  /// Faults after which decoding stops.
  private static let faultLimit = 8

  private let file: DataFile
  private let bytes: [UInt8]
  private let format: CSVFormat
  private let shape: [Int]
  /// Nil if labels are not read.
  private let classes: Int?
  private let columns: Int
  private var values: [Float] = []
  private(set) var labels: [Int] = []
  private var faults: [Diagnostic] = []

  init(_ file: DataFile, format: CSVFormat, shape: [Int], classes: Int?) throws(Failure) {
    self.file = file
    bytes = try file.source.allBytes()
    self.format = format
    self.shape = shape
    self.classes = classes
    let size = shape.reduce(1, *)
    let separator = format.separator.byte
    let found = bytes.prefix { $0 != UInt8(ascii: "\n") }.count { $0 == separator } + 1
    columns = classes == nil && found == size ? size : size + 1
  }

  /// The values of every row; throws up to 8 faults, one per row; a wrong number of columns that many rows share
  /// is one.
  mutating func decode() throws(Failure) -> [Float] {
    if let found = try file.recognizedKind() {
      throw Failure(file.mismatch(found, required: "text", format: CSVFormat.kind))
    }
    let hasLabels = columns > shape.reduce(1, *)
    guard let labelIndex = hasLabels ? format.label.index(of: columns) : columns else {
      throw Failure(
        file.fault(
          "label-column",
          "'label' must be at most \(columns), the number of columns, "
            + "found \(format.label.specText)", row: 1))
    }
    let rows = readRows(labelIndex: labelIndex)
    guard faults.isEmpty else { throw Failure(faults) }
    guard !values.isEmpty else {
      throw Failure(file.fault("empty", "the table has no rows", row: max(rows, 1)))
    }
    return values
  }

  /// Reads rows up to the limit of faults and returns how many there were.
  private mutating func readRows(labelIndex: Int) -> Int {
    var row = 0
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < bytes.count, faults.count < Self.faultLimit {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      row += 1
      if row > 1 || !format.hasHeader,
        let fault = read(line(start, end), row: row, labelIndex: labelIndex),
        // A table of another width has it in every row.
        fault.id.rule != "columns" || !faults.contains(where: { $0.message == fault.message })
      {
        faults.append(fault)
      }
      start = end + 1
    }
    return row
  }

  private func line(_ start: Int, _ end: Int) -> ArraySlice<UInt8> {
    let line = bytes[start..<end]
    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }

  /// Appends a row, or returns its first fault.
  private mutating func read(
    _ line: ArraySlice<UInt8>, row: Int, labelIndex: Int
  ) -> Diagnostic? {
    let separator = format.separator.byte
    let fields = line.split(
      separator: separator, maxSplits: columns, omittingEmptySubsequences: false)
    guard fields.count == columns else {
      let found = line.isEmpty ? 0 : line.count { $0 == separator } + 1
      return file.fault(
        "columns",
        "a row must have \(rule), found \(found)", row: row)
    }
    for (index, field) in fields.enumerated() {
      switch CSVNumber.parse(field) {
      case .failure(let fault):
        return describe(fault, field, row: row, column: index + 1)
      case .success(let value) where index == labelIndex:
        if let fault = appendLabel(value, row: row, column: index + 1) { return fault }
      case .success(let value):
        values.append(value)
      }
    }
    return nil
  }

  /// What a row must have.
  private var rule: String {
    let size = shape.reduce(1, *)
    let values = "\(size) values for the network's input \(shape.shapeText)"
    return classes == nil
      ? "\(size) columns, \(values), or also a label" : "\(size + 1) columns, \(values) and a label"
  }

  private mutating func appendLabel(_ value: Float, row: Int, column: Int) -> Diagnostic? {
    guard let classes else { return nil }
    guard let label = Int(exactly: value), (0..<classes).contains(label) else {
      return file.fault(
        "label-range", DataFile.labelRule(classes: classes) + ", found \(value)",
        row: row, column: column)
    }
    labels.append(label)
    return nil
  }

  private func describe(
    _ fault: CSVNumber.Fault, _ field: ArraySlice<UInt8>, row: Int, column: Int
  ) -> Diagnostic {
    let text = String(decoding: field.prefix(24), as: UTF8.self)
    switch fault {
    case .empty:
      return file.fault(
        "missing-value", "expected a number, found an empty field", row: row, column: column)
    case .notFinite:
      return file.fault(
        "not-finite", "values must be finite in float32, found '\(text)'", row: row, column: column)
    case .malformed:
      return file.fault(
        "not-a-number", "values must be decimal numbers, found '\(text)'", row: row, column: column,
        help: row == 1 ? "set 'header: true' if the first row names the columns" : nil)
    }
  }
}

/// A decimal number in the bytes of a table's field.
private enum CSVNumber {
  enum Fault: Error {
    case empty, malformed, notFinite
  }

  /// The value rounded to float32; surrounding blanks and one pair of double quotes are ignored.
  ///
  /// Accepts an optional sign, digits with an optional point, an optional exponent. The names of
  /// NaN and infinity, and values beyond float32, are `notFinite`; hexadecimal is `malformed`.
  static func parse(_ field: ArraySlice<UInt8>) -> Result<Float, Fault> {
    let text = unquoted(trimmed(field))
    guard !text.isEmpty else { return .failure(.empty) }
    if let small = smallInteger(text) { return .success(small) }
    guard text.count <= 64 else { return .failure(.malformed) }
    let string = String(decoding: text, as: UTF8.self)
    guard let value = Float(string) else { return .failure(.malformed) }
    guard value.isFinite else { return .failure(.notFinite) }
    return text.allSatisfy(isDecimal) ? .success(value) : .failure(.malformed)
  }

  /// Up to 7 digits, exact in float32: most fields of image tables.
  private static func smallInteger(_ text: ArraySlice<UInt8>) -> Float? {
    guard text.count <= 7 else { return nil }
    var value = 0
    for byte in text {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return Float(value)
  }

  private static func isDecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var field = field
    while let first = field.first, first == 0x20 || first == 0x09 { field.removeFirst() }
    while let last = field.last, last == 0x20 || last == 0x09 { field.removeLast() }
    return field
  }

  private static func unquoted(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let quote = UInt8(ascii: "\"")
    guard field.count >= 2, field.first == quote, field.last == quote else { return field }
    return field.dropFirst().dropLast()
  }
}
