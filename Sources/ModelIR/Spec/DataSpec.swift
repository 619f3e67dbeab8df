import Diagnostics
import SpecSyntax

/// The section `data`: labelled samples and the units that radii are measured in.
public struct DataSpec: Sendable {
  /// The format with its own keys.
  public let format: SpecEntry<any DatasetFormat>
  /// File or folder of the training data as written; nil where the format makes its own.
  public let train: String?
  /// File or folder of the test data as written.
  public let test: String?
  /// Stored value × scale = input of the network.
  public let scale: ExactNumber
  /// The number of classes; nil where the network's number of outputs says it.
  public let classes: Int?
  /// Where the section begins.
  public let span: Span

  enum Keys {
    static let format = SpecKey<String>("format", "the file format")
    static let train = SpecKey<String>(
      "train", default: "none", "file or folder of the training data, relative to the spec")
    static let test = SpecKey<String>(
      "test", default: "none", "file or folder of the test data, relative to the spec")
    static let scale = SpecKey<ExactNumber>(
      "scale", default: ExactNumber(1),
      "stored value × scale is the input space in which radii are measured",
      .init("above 0") { $0.lower > 0 })
    static let classes = SpecKey<Int>(
      "classes", default: 0, "the number of classes; the network's outputs if left out",
      .init("at least 2 and at most 65536") { (2...65536).contains($0) })
  }

  /// The keys common to every format, in the order of the manual.
  public static let keys = [
    Keys.format.description, Keys.train.description, Keys.test.description,
    Keys.scale.description,
    SpecKeyDescription.structure(
      "classes", Int.typeName, Keys.classes.summary, default: "the network's outputs"),
  ]

  /// The path of a split as written.
  public func path(for split: DataSplit) -> String? {
    switch split {
    case .train: train
    case .test: test
    }
  }
}

extension ModelSpec {
  /// A path of the spec from where the program runs: relative ones start at the spec's folder.
  public func resolve(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.path.lastIndex(of: "/") else { return path }
    return file.path[...slash] + path
  }
}

extension SpecDecoder {
  /// Reads `data`; nil after a diagnostic.
  mutating func decodeData(_ pair: YAMLNode.Pair, trains: Bool) -> DataSpec? {
    guard !pair.value.isFaulty else { return nil }
    var reader = ConfigReader(kind: "data", span: pair.key.span, value: pair.value, mainKey: nil)
    let formatNode = pair.value["format"]
    let name = reader.read(DataSpec.Keys.format)
    let train = reader.readIfPresent(DataSpec.Keys.train)
    let test = reader.readIfPresent(DataSpec.Keys.test)
    let scale = reader.read(DataSpec.Keys.scale)
    let classes = reader.readIfPresent(DataSpec.Keys.classes)
    let common = reader.resolved.count
    let type = name.flatMap { registry.datasets[$0] }
    let format = type.flatMap { $0.init(from: &reader) }
    // Which other keys are right depends on the format.
    if type != nil { reader.finish() }
    if let name, type == nil { reportFormat(name, formatNode?.span ?? pair.key.span) }
    if let format { checkPaths(format, train, test, trains: trains, &reader) }
    diagnostics += reader.diagnostics
    guard let name, let format, let scale, !reader.diagnostics.hasErrors else { return nil }
    let entry = SpecEntry<any DatasetFormat>(
      kind: name, value: format, configuration: Array(reader.resolved[common...]),
      span: formatNode?.span ?? pair.key.span)
    return DataSpec(
      format: entry, train: train, test: test, scale: scale, classes: classes, span: pair.key.span)
  }

  private mutating func reportFormat(_ name: String, _ span: Span) {
    diagnostics.append(
      .error(
        .spec, "unknown-kind", "no data format is called \(name.quoted)", at: span,
        help: Suggestion.help(for: name, in: registry.datasets.keys.sorted(), kind: "there are")))
  }

  private func checkPaths(
    _ format: any DatasetFormat, _ train: String?, _ test: String?, trains: Bool,
    _ reader: inout ConfigReader
  ) {
    for (split, path) in [(DataSplit.train, train), (.test, test)] {
      let isNeeded = split == .test || trains
      guard path == nil, isNeeded, reader.node(split.rawValue) == nil,
        !format.files(for: split).isEmpty
      else { continue }
      reader.report(
        .error(
          .spec, "missing-key",
          "'data' needs the key '\(split.rawValue)', the file or folder of the \(split.rawValue) data",
          at: reader.span))
    }
  }
}
