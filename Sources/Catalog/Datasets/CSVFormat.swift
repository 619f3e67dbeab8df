import Diagnostics
import FileFormats
import ModelIR
import SpecSyntax

/// A table of numbers, one sample per row: its values in row-major order and its label.
///
/// `train` and `test` name a file, or a folder with `train.csv` and `test.csv`, plain or gzip.
/// Rows end in a line feed, with or without a carriage return before it; fields may be in double
/// quotes. Each row must have the values of the network's input and one label: an integer from 0, or
/// one of the names of the classes, which are numbered in the order of the spec.
/// Cost: one pass; at most 4 bytes of memory, before growth, for each 2 of the file.
struct CSVFormat: UnlabeledFormat {
  static let kind = "csv"
  static let examples = [
    "", "{label: first, header: true, separator: tab}",
    "{label: species, header: true, class_names: [setosa, versicolor, virginica]}",
  ]

  fileprivate let label: LabelColumn
  fileprivate let hasHeader: Bool
  fileprivate let separator: Separator
  /// The texts of the labels by class; empty where labels are numbers.
  fileprivate let classNames: [String]

  init(from reader: inout ConfigReader) {
    label = reader.read("label", default: .last, "the column of the label")
    hasHeader = reader.read("header", default: false, "whether the first row names the columns")
    separator = reader.read("separator", default: .comma, "the separator of fields")
    classNames = reader.read(
      "class_names", default: [], "the texts of the labels, in the order of the classes",
      .init("a list of different texts") { Set($0).count == $0.count })
    reader.require(
      label.name == nil || hasHeader, "conflict",
      "'label' must be first, last or a column number where no header names the columns, "
        + "found \(label.specText.quoted)", at: "label", help: "add 'header: true'")
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
  /// What the header names the columns, if there is one.
  private let header: [String]
  private var values: [Float] = []
  private(set) var labels: [Int] = []
  private var faults: [Diagnostic] = []
  private var hasLabelsInWords = false

  init(_ file: DataFile, format: CSVFormat, shape: [Int], classes: Int?) throws(Failure) {
    self.file = file
    bytes = try file.source.allBytes()
    self.format = format
    self.shape = shape
    self.classes = classes
    let size = shape.reduce(1, *)
    let separator = format.separator.byte
    let first = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let found = first.count { $0 == separator } + 1
    columns = classes == nil && found == size ? size : size + 1
    header = format.hasHeader ? CSVField.texts(of: first, separator: separator) : []
  }

  /// The values of every row; throws up to 8 faults, one per row; a wrong number of columns that many rows share
  /// is one.
  mutating func decode() throws(Failure) -> [Float] {
    if let found = try file.recognizedKind() {
      throw Failure(file.mismatch(found, required: "text", format: CSVFormat.kind))
    }
    try checkClassNames()
    let hasLabels = columns > shape.reduce(1, *)
    let rows = readRows(labelIndex: hasLabels ? try labelIndex() : columns)
    guard faults.isEmpty else { throw Failure(faults) }
    guard !values.isEmpty else {
      throw Failure(file.fault("empty", "the table has no rows", row: max(rows, 1)))
    }
    return values
  }

  private func checkClassNames() throws(Failure) {
    guard let classes, !format.classNames.isEmpty, format.classNames.count != classes else {
      return
    }
    throw Failure(
      file.fault(
        "class-names",
        "'class_names' must have a name for each of the \(classes) classes, "
          + "found \(format.classNames.count)", row: 1))
  }

  private func labelIndex() throws(Failure) -> Int {
    if let index = format.label.index(columns: columns, header: header) { return index }
    let rule =
      format.label.name == nil
      ? "'label' must be at most \(columns), the number of columns"
      : "'label' must be a column that the header names"
    throw Failure(
      file.fault(
        "label-column", "\(rule), found \(format.label.specText.quoted)", row: 1,
        help: header.isEmpty ? nil : "the columns are \(Self.list(header))"))
  }

  /// Reads rows up to the limit of faults and returns how many there were.
  private mutating func readRows(labelIndex: Int) -> Int {
    var row = 0
    var start = bytes.starts(with: CSVField.byteOrderMark) ? CSVField.byteOrderMark.count : 0
    while start < bytes.count, faults.count < Self.faultLimit {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      row += 1
      if row > 1 || !format.hasHeader,
        let fault = read(line(start, end), row: row, labelIndex: labelIndex),
        // A wrong number of columns, which mostly every row has, is reported once.
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
      if index == labelIndex {
        if let fault = appendLabel(field, row: row, column: index + 1) { return fault }
        continue
      }
      switch CSVField.number(field) {
      case .failure(let fault): return describe(fault, field, row: row, column: index + 1)
      case .success(let value): values.append(value)
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

  /// Does nothing where labels are not asked for.
  private mutating func appendLabel(
    _ field: ArraySlice<UInt8>, row: Int, column: Int
  ) -> Diagnostic? {
    guard let classes else { return nil }
    guard format.classNames.isEmpty else {
      return appendName(CSVField.text(field), row: row, column: column)
    }
    switch CSVField.number(field) {
    case .failure(.malformed) where row > 1 || format.hasHeader:
      return labelsInWords(row: row, column: column)
    case .failure(let fault): return describe(fault, field, row: row, column: column)
    case .success(let value):
      guard let label = Int(exactly: value), (0..<classes).contains(label) else {
        return file.fault(
          "label-range", DataFile.labelRule(classes: classes) + ", found \(value)",
          row: row, column: column)
      }
      labels.append(label)
      return nil
    }
  }

  /// One fault for all labels that are not numbers.
  private mutating func labelsInWords(row: Int, column: Int) -> Diagnostic? {
    guard !hasLabelsInWords else { return nil }
    hasLabelsInWords = true
    let lines = bytes.split(separator: UInt8(ascii: "\n")).dropFirst(format.hasHeader ? 1 : 0)
    let texts = lines.compactMap { line in
      let fields = CSVField.texts(of: line, separator: format.separator.byte)
      return column <= fields.count ? fields[column - 1] : nil
    }
    let names = Set(texts).sorted().map(\.specText)
    let shown = names.prefix(12).map { $0.excerpt(atMost: 24) } + (names.count > 12 ? ["…"] : [])
    return file.fault(
      "label-name", "labels must be integers from 0, or words that 'class_names' lists", row: row,
      column: column,
      help: "add 'class_names: [\(shown.joined(separator: ", "))]', in the order of the classes")
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(12).map(\.quoted).joined(separator: ", ")
    return names.count > 12 ? shown + ", …" : shown
  }

  private mutating func appendName(_ name: String, row: Int, column: Int) -> Diagnostic? {
    guard let label = format.classNames.firstIndex(of: name) else {
      return file.fault(
        "label-name",
        "labels must be one of 'class_names', \(Self.list(format.classNames)), "
          + "found \(name.quoted)", row: row, column: column)
    }
    labels.append(label)
    return nil
  }

  private func describe(
    _ fault: CSVField.Fault, _ field: ArraySlice<UInt8>, row: Int, column: Int
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
        help: row == 1 && !format.hasHeader
          ? "set 'header: true' if the first row names the columns" : nil)
    }
  }
}
