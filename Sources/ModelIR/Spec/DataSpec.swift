import Diagnostics
import SpecSyntax

/// The section `data`: labeled samples and the units that radii are measured in.
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

  /// Every two classes have a constant, which takes memory and room in the certificate.
  public static let mostClasses = 4096

  /// Reads the common keys and those of the format; nil after a diagnostic.
  ///
  /// - Parameter trains: whether training data is needed.
  init?(from reader: inout ConfigReader, _ registry: Registry, trains: Bool) {
    let name: String = reader.read("format", "the file format")
    train = reader.readIfPresent(
      SpecKey("train", "file or folder of the training data, relative to the spec"))
    test = reader.readIfPresent(
      SpecKey("test", "file or folder of the test data, relative to the spec"))
    scale = reader.read(
      "scale", default: ExactNumber(1),
      "stored value × scale is the input space in which radii are measured",
      .init("above 0") { $0.lower > 0 })
    classes = reader.readIfPresent(
      SpecKey(
        "classes", "the number of classes; the network's outputs if left out",
        .range(2...Self.mostClasses)),
      otherwise: "the network's outputs")
    span = reader.span
    let common = reader.resolved.count
    guard let kind = registry.datasets[name] else {
      // Which other keys are right depends on the format.
      reader.allowUnknownKeys()
      let place = reader.span(of: "format")
      if !name.isEmpty { reader.report(registry.datasets.unknown(name, at: place)) }
      return nil
    }
    let value = kind.read(&reader)
    format = SpecEntry(
      kind: name, value: value, configuration: Array(reader.resolved[common...]),
      span: reader.span(of: "format"))
    requirePaths(trains: trains, &reader)
  }

  /// The path of a split as written.
  public func path(for split: DataSplit) -> String? {
    switch split {
    case .train: train
    case .test: test
    }
  }

  private func requirePaths(trains: Bool, _ reader: inout ConfigReader) {
    let splits: [DataSplit] = trains ? [.train, .test] : [.test]
    for split in splits where !format.value.files(for: split).isEmpty {
      reader.needKey(split.rawValue, "the file or folder of the \(split.rawValue) data")
    }
  }
}

extension ModelSpec {
  /// A path of the spec from where the program runs: relative ones start at the spec's folder.
  public func resolve(_ path: String) -> String { file.resolve(path) }
}

extension SourceFile {
  /// A path in the text from where the program runs: relative ones start at the folder of the file.
  public func resolve(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = self.path.lastIndex(of: "/") else { return path }
    return self.path[...slash] + path
  }
}
