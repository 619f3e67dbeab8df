import Catalog
import Diagnostics
import FoundationEssentials
import ModelIR
import Runtime
import Testing

/// Every spec in `specs/` is sound, and its data are there and fit it.
@Suite struct ShippedSpecTests {
  static let folder =
    #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    + "/specs"
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  @Test func theFolderHasSpecs() { #expect(Self.names.count >= 7) }

  @Test(arguments: names) func readsWithoutADiagnostic(name: String) throws {
    let (spec, model) = try read(name)
    #expect(spec.name + ".yaml" == name)
    #expect(model.shape(of: model.output).count == 1)
  }

  @Test(arguments: names) func loadsItsTestData(name: String) throws {
    let (spec, model) = try read(name)
    let data = try #require(spec.data)
    let classes = try #require(model.shape(of: model.output).first)
    let samples = try DatasetReading.load(
      data.format.value, split: .test, at: data.path(for: .test).map(spec.resolve),
      shape: model.inputShape, classes: classes)
    #expect(samples.count >= 300)
    #expect(Set(samples.labels) == Set(0..<classes))
  }

  private func read(_ name: String) throws -> (spec: ModelSpec, model: Model) {
    let path = Self.folder + "/" + name
    let file = SourceFile(path: path, bytes: try FileReading.bytes(of: path))
    var diagnostics: [Diagnostic] = []
    let spec = ModelSpec.read(file, registry: Catalog.registry, &diagnostics)
    let model = spec?.infer(&diagnostics)
    #expect(diagnostics.map(\.message) == [])
    return (try #require(spec), try #require(model))
  }
}
