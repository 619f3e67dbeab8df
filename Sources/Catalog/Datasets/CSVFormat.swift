import Diagnostics
import ModelIR

/// A table of numbers, one sample a row: its values in row-major order and its label.
///
/// `train` and `test` name a file, or a folder with `train.csv` and `test.csv`, plain or gzip.
/// Rows end in a line feed, with or without a carriage return before it; fields may stand in double
/// quotes. Each row must have the values of the network's input and one label, an integer from 0.
/// Cost: one pass; at most 4 bytes of memory, before growth, for each 2 of the file.
struct CSVFormat: DatasetFormat {
  static let kind = "csv"
  static let keys: [SpecKeyDescription] = [
    label.description, header.description, separator.description,
  ]

  private static let label = SpecKey<LabelColumn>(
    "label", default: .last, "the column that holds the label")
  private static let header = SpecKey<Bool>(
    "header", default: false, "whether the first row names the columns")
  private static let separator = SpecKey<Separator>(
    "separator", default: .comma, "what stands between two fields")

  let label: LabelColumn
  let hasHeader: Bool
  let separator: Separator

  init?(from reader: inout ConfigReader) {
    let label = reader.read(Self.label)
    let header = reader.read(Self.header)
    let separator = reader.read(Self.separator)
    guard let label, let header, let separator else { return nil }
    self.label = label
    self.hasHeader = header
    self.separator = separator
  }

  /// Any number.
  var storedRange: ClosedRange<Double>? { nil }

  func files(for split: DataSplit) -> DataRequest {
    .files([DataFileRequest("table", candidates: ["\(split.rawValue).csv"])])
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    var table = try CSVTable(files["table"], format: self, shape: shape, classes: classes)
    return try table.decode()
  }
}

extension CSVFormat {
  /// Which column holds the label.
  enum LabelColumn: Hashable, Sendable {
    case first, last
    /// Counted from 1.
    case number(Int)

    /// The zero-based column in a table of so many; nil beyond them.
    func index(of columns: Int) -> Int? {
      switch self {
      case .first: 0
      case .last: columns - 1
      case .number(let number): number <= columns ? number - 1 : nil
      }
    }
  }

  /// What stands between two fields.
  enum Separator: String, WordValue {
    case comma, semicolon, tab, space

    /// The byte itself.
    var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: 0x09
      case .space: 0x20
      }
    }
  }
}
