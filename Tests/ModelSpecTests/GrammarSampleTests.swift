import Diagnostics
import Foundation
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// The samples of a folder of `grammar/`, sorted.
private func samples(_ folder: String) -> [String] {
  let names = try? FileManager.default.contentsOfDirectory(
    atPath: root.appending(path: "grammar/\(folder)").path)
  return (names ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
}

private func load(_ folder: String, _ name: String) throws -> SourceFile {
  let data = try Data(contentsOf: root.appending(path: "grammar/\(folder)/\(name)"))
  return SourceFile(path: name, bytes: Array(data))
}

/// `error spec.name 2:7` for each expectation in the comments.
private func expectations(_ file: SourceFile) -> [String] {
  String(decoding: file.bytes, as: UTF8.self)
    .matches(of: /# (error|warning): ([a-z.-]+ [0-9]+:[0-9]+)/)
    .map { "\($0.1) \($0.2)" }
}

private func outcome(_ file: SourceFile) -> [String] {
  let read = readSpec(file)
  return zip(read.diagnostics, read.faults).map { "\($0.severity.rawValue) \($1)" }
}

@Suite struct GrammarSampleTests {
  @Test(arguments: samples("accepted")) func isAccepted(name: String) throws {
    #expect(outcome(try load("accepted", name)) == [])
  }

  @Test(arguments: samples("rejected")) func isRejectedWhereItSays(name: String) throws {
    let file = try load("rejected", name)
    let expected = expectations(file)
    #expect(!expected.isEmpty)
    #expect(outcome(file).sorted() == expected.sorted())
  }

  @Test(arguments: samples("accepted")) func isWrittenOutAndReadBack(name: String) throws {
    let spec = try #require(readSpec(try load("accepted", name)).spec)
    let copy = try #require(readSpec(spec.yaml()).spec)
    #expect(copy.yaml() == spec.yaml())
  }

  /// Every rule that the front end can report has a sample, but for those that need a file of
  /// megabytes or the command line.
  @Test func everyRuleHasASample() throws {
    var covered: Set<String> = ["yaml.too-large"]
    for name in samples("rejected") {
      for expectation in expectations(try load("rejected", name)) {
        covered.insert(String(expectation.split(separator: " ")[1]))
      }
    }
    var rules: Set<String> = []
    for folder in ["Sources/SpecSyntax", "Sources/ModelIR/Spec"] {
      let path = root.appending(path: folder).path
      for name in try FileManager.default.contentsOfDirectory(atPath: path)
      where name.hasSuffix(".swift") {
        let source = try String(contentsOfFile: path + "/" + name, encoding: .utf8)
        for match in source.matches(
          of: /(?:\.(yaml|spec),|report\(|fault\()\s*"([a-z]+(?:-[a-z]+)*)"/)
        {
          rules.insert("\(match.1 ?? "spec").\(match.2)")
        }
      }
    }
    #expect(rules.count > 20)
    #expect(rules.subtracting(covered).sorted() == [])
  }
}
