import Compiler
import Diagnostics
@testable import Files
import FoundationEssentials
import ModelIR
import Testing

/// Every spec in `specs/` is sound, and its data are there and fit it; those of `specs/paper` need files
/// that do not ship, and fit generated data in the small form that their comments name.
@Suite struct ShippedSpecTests {
  static let folder =
    #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
    + "/specs"
  static let names = specs(in: folder)
  static let paperNames = specs(in: folder + "/paper").map { "paper/" + $0 }
  static let small = [
    "data={format: synthetic, distribution: digits, samples: 1024}", "let.width=1",
    "let.batch=32", "let.epochs=10", "certify.attacks=[]",
  ]

  private static func specs(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted()
  }

  @Test func theFoldersHaveSpecs() {
    #expect(Self.names.count >= 7)
    #expect(Self.paperNames.count >= 5)
  }

  @Test(arguments: names + paperNames) func readsWithoutADiagnostic(name: String) throws {
    let (spec, model) = try read(name)
    #expect("\(spec.name).yaml" == name.split(separator: "/").last.map(String.init))
    #expect(model.shape(of: model.output).count == 1)
  }

  @Test(arguments: names) func loadsItsTestData(name: String) throws {
    try expectTestData(read(name))
  }

  @Test(arguments: paperNames) func fitsGeneratedDataInItsSmallForm(name: String) throws {
    let text = String(decoding: try FileReading.bytes(of: Self.folder + "/" + name), as: UTF8.self)
    for override in Self.small { #expect(text.contains(override)) }
    try expectTestData(read(name, overrides: Self.small))
  }

  /// 6n + 4 layers with weights on the longest path, n = 2, and 2.7 million parameters at width 4.
  @Test func theWideResidualNetworkIsThePapers() throws {
    let (_, model) = try read("paper/svhn-lmt.yaml")
    let counts = Dictionary(grouping: model.nodes, by: { type(of: $0.layer).kind })
      .mapValues(\.count)
    #expect(counts["conv2d"] == 13 + 3)
    #expect(counts["batch_norm"] == 13)
    #expect(counts["dropout"] == 6)
    #expect(counts["add"] == 6)
    let parameters = model.nodes.flatMap(\.parameters).filter { $0.role != .statistic }
    let total = parameters.map { $0.shape.reduce(1, *) }.reduce(0, +)
    #expect((2_700_000...2_800_000).contains(total))
  }

  private func expectTestData(_ read: (spec: ModelSpec, model: Model)) throws {
    let (spec, model) = read
    let data = try #require(spec.data)
    let classes = try #require(model.shape(of: model.output).first)
    let samples = try DatasetReading.load(
      data.format.value, split: .test, at: data.path(for: .test).map(spec.resolve),
      shape: model.inputShape, classes: classes)
    #expect(samples.count >= 300)
    #expect(Set(samples.labels) == Set(0..<classes))
  }

  private func read(
    _ name: String, overrides: [String] = []
  ) throws -> (spec: ModelSpec, model: Model) {
    let path = Self.folder + "/" + name
    let file = SourceFile(path: path, bytes: try FileReading.bytes(of: path))
    var diagnostics: [Diagnostic] = []
    let spec = Pipeline.read(file, overrides: overrides, &diagnostics)
    let model = spec.flatMap { Pipeline.infer($0, &diagnostics) }
    #expect(diagnostics.map(\.message) == [])
    return (try #require(spec), try #require(model))
  }
}
