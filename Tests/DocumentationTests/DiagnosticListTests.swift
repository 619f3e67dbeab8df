import Testing

/// `docs/diagnostics.md` lists the ids that the sources emit, and no others.
@Suite struct DiagnosticListTests {
  /// The areas of functions that take a rule alone, by the path of the file that calls them.
  private static let areas = [
    ("Sources/Catalog/Datasets/", ["data"]), ("Sources/Attacks/", ["data"]),
    ("Sources/FileFormats/Zip", ["weights", "data"]), ("Sources/FileFormats/NP", ["weights"]),
    ("Sources/FileFormats/Safetensors", ["weights"]), ("Sources/FileFormats/", ["data"]),
    ("Sources/Files/WeightsFile", ["weights"]), ("Sources/Files/", ["file"]),
    ("Sources/Training/Checkpoint", ["weights"]), ("Sources/ModelIR/Model+Infer", ["shape"]),
    ("Sources/ONNX/", ["weights"]), ("Sources/ModelIR/Spec/", ["spec"]),
    ("Sources/SpecSyntax/", ["spec"]),
  ]

  @Test func listsWhatTheSourcesEmit() throws {
    let emitted = try Documents.sources().reduce(into: Set<String>()) { ids, path in
      let source = try Documents.text(path)
      guard source.contains("Diagnostic") || source.contains("ault(") else { return }
      ids.formUnion(Self.ids(in: source, at: path))
    }
    let page = try Documents.text("docs/diagnostics.md")
    let listed = page.matches(of: /(?m)^\| `([a-z]+\.[a-z0-9-]+)` \|/).map { String($0.1) }
    #expect(emitted.count > 80)
    #expect(listed.count == Set(listed).count)
    #expect(emitted.subtracting(listed).sorted() == [], "add these to docs/diagnostics.md")
    #expect(Set(listed).subtracting(emitted).sorted() == [], "nothing emits these any more")
  }

  /// Ids written with their area, `.error(.spec, "name", …)` or `ID(.file, "missing")`, and rules
  /// given to a function that adds the area, of which `ConfigReader.require` adds `spec`.
  private static func ids(in source: String, at path: String) -> [String] {
    let whole = source.matches(
      of: /(?:error|warning|ID|init)\(\s*\.([a-z]+),\s*"([a-z0-9-]+)"/)
    let rules = source.matches(
      of: /(?:fault|report|diagnostic|Fault)\(\s*(?:spec,\s*|rule:\s*)?"([a-z0-9-]+)",/)
    let conditions = source.matches(of: /\.require\(\s*[^"]*?,\s*"([a-z0-9-]+)",/)
    var ids = whole.map { "\($0.1).\($0.2)" } + conditions.map { "spec.\($0.1)" }
    for rule in rules {
      let found = areas.first { path.hasPrefix($0.0) }?.1 ?? []
      #expect(!found.isEmpty, "\(path) reports '\(rule.1)': which area?")
      ids += found.map { "\($0).\(rule.1)" }
    }
    return ids
  }
}
