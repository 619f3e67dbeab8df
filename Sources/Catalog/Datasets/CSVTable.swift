import Diagnostics
import FileFormats
import ModelIR

/// One decoding of a table: its rows so far and the faults found in it.
struct CSVTable {
  /// Faults after which decoding stops.
  private static let faultLimit = 8

  private let file: DataFile
  private let bytes: [UInt8]
  private let format: CSVFormat
  private let shape: [Int]
  private let classes: Int
  private let columns: Int
  private var values: [Float] = []
  private var labels: [Int] = []
  private var faults: [Diagnostic] = []

  init(_ file: DataFile, format: CSVFormat, shape: [Int], classes: Int) throws(Failure) {
    self.file = file
    bytes = try file.source.allBytes()
    self.format = format
    self.shape = shape
    self.classes = classes
    columns = shape.reduce(1, *) + 1
  }

  /// Reads every row; throws up to 8 faults, one a row.
  mutating func decode() throws(Failure) -> LabeledData {
    if let found = try file.recognisedKind() {
      throw Failure(file.mismatch(found, required: "text", format: CSVFormat.kind))
    }
    guard let labelIndex = format.label.index(of: columns) else {
      throw Failure(
        file.fault(
          "label-column",
          "a row has \(columns) columns, the label cannot be in column \(format.label.specText)",
          row: 1))
    }
    var row = 0
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while start < bytes.count, faults.count < Self.faultLimit {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      row += 1
      if row > 1 || !format.hasHeader {
        if let fault = read(line(start, end), row: row, labelIndex: labelIndex) {
          faults.append(fault)
        }
      }
      start = end + 1
    }
    guard faults.isEmpty else { throw Failure(faults) }
    guard !labels.isEmpty else {
      throw Failure(file.fault("empty", "the table has no rows", row: max(row, 1)))
    }
    return LabeledData(shape: shape, values: values, labels: labels)
  }

  private func line(_ start: Int, _ end: Int) -> ArraySlice<UInt8> {
    let line = bytes[start..<end]
    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }

  /// Appends a row; the first fault of it otherwise.
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
        "a row needs \(columns) columns, \(columns - 1) values for the network's input "
          + "\(shape.shapeText) and a label, found \(found)", row: row)
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

  private mutating func appendLabel(_ value: Float, row: Int, column: Int) -> Diagnostic? {
    guard let label = Int(exactly: value), label >= 0, label < classes else {
      return file.fault(
        "label-range",
        "labels must be integers from 0 to \(classes - 1) ('classes' is \(classes)), found \(value)",
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
      return file.fault("missing-value", "a field is empty", row: row, column: column)
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
