import Certification
import Diagnostics

extension CertifiedPrediction {
  /// The prediction as one JSON object; `file` is where the input is a file of its own.
  public func json(file: String?) -> JSONValue {
    var entries: [(String, JSONValue)] = [("index", .integer(index))]
    if let file { entries.append(("file", .string(file))) }
    entries += [
      ("class", predicted.map { .integer($0) } ?? .null),
      ("runner_up", runnerUp.map { .integer($0) } ?? .null),
      ("margin", margin.map { .number($0) } ?? .null),
      ("radius", .number(radius.value)),
    ]
    return .object(.init(uniqueKeysWithValues: entries))
  }
}

/// The predictions of some inputs as a table for standard output.
public struct PredictionTable {
  private var table: Table
  private let files: [String]?

  /// An empty table; `files` are the paths of inputs that are files of their own.
  public init(files: [String]?) {
    self.files = files
    let columns = [
      ("class", Table.Alignment.right), ("margin", .right), ("certified ℓ2 radius", .right),
    ]
    table = Table([files == nil ? ("input", .right) : ("input", .left)] + columns)
  }

  /// Appends a row.
  public mutating func append(_ prediction: CertifiedPrediction) {
    table.append([
      files?[prediction.index] ?? "\(prediction.index)",
      prediction.predicted.map { "\($0)" } ?? "none",
      prediction.margin.map { NumberText.significant($0) } ?? "",
      NumberText.significant(prediction.radius.value, .down),
    ])
  }

  /// The text with a heading.
  public func text(name: String, precision: String, count: Int) -> String {
    let inputs = count == 1 ? "1 input" : "\(NumberText.grouped(count)) inputs"
    return "\(name): \(inputs), executed in \(precision)\n\n\(table.text)\n"
  }
}
