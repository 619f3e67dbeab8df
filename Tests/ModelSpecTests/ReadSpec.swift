import Catalog
import Diagnostics
import ModelIR

/// The catalog's registry with a stand-in for the data formats, which need no files here.
let registry = Registry(
  layers: Catalog.layers, losses: Catalog.losses, optimizers: Catalog.optimizers,
  regularizers: Catalog.regularizers, datasets: [FileFormat.self, MadeUpFormat.self],
  refusedLayers: Catalog.refusedLayers)

/// A format with files and no keys of its own.
struct FileFormat: DatasetFormat {
  static let kind = "idx"
  static let keys: [SpecKeyDescription] = []
  init?(from reader: inout ConfigReader) {}
  func files(for split: DataSplit) -> DataRequest {
    .files([.init("images", candidates: ["x"])])
  }
  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData { LabeledData(shape: shape, values: [], labels: []) }
}

/// A format that makes its data and has a key.
struct MadeUpFormat: DatasetFormat {
  static let kind = "synthetic"
  private static let points = SpecKey<Int>("points", default: 100, "samples", .count)
  static let keys = [points.description]
  let points: Int
  init?(from reader: inout ConfigReader) {
    guard let points = reader.read(Self.points) else { return nil }
    self.points = points
  }
  func files(for split: DataSplit) -> DataRequest { .none }
  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData { LabeledData(shape: shape, values: [], labels: []) }
}

/// A spec and `id line:column` of every diagnostic, shape inference included.
func readSpec(
  _ text: String, overrides: [String] = []
) -> (spec: ModelSpec?, faults: [String], diagnostics: [Diagnostic]) {
  readSpec(SourceFile(path: "specs/test.yaml", text: text), overrides: overrides)
}

/// The same for a file.
func readSpec(
  _ file: SourceFile, overrides: [String] = []
) -> (spec: ModelSpec?, faults: [String], diagnostics: [Diagnostic]) {
  var diagnostics: [Diagnostic] = []
  let spec = ModelSpec.read(file, overrides: overrides, registry: registry, &diagnostics)
  _ = spec?.infer(&diagnostics)
  let faults = diagnostics.map { diagnostic in
    guard case .span(let span) = diagnostic.location else { return "\(diagnostic.id)" }
    return "\(diagnostic.id) \(span.line):\(span.column)"
  }
  return (spec, faults, diagnostics)
}
