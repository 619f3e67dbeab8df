import Testing

/// `docs/soundness.md` says how much code has to be right.
@Suite struct TrustedBaseTests {
  static let rows: [(patterns: [String], lines: Int)] = {
    let page = (try? Documents.text("docs/soundness.md")) ?? ""
    return page.matches(of: /(?m)^\| (`[^|]*`) \| (\d+) \|/).map { row in
      (row.1.matches(of: /`([^`]+)`/).map { String($0.1) }, Int(row.2) ?? 0)
    }
  }()

  /// The sources that `Folder/*`, `Folder/Name*` or `Folder/Name` stands for.
  static func files(_ pattern: String) -> [String] {
    let isOpen = pattern.hasSuffix("*")
    let path = "Sources/" + (isOpen ? String(pattern.dropLast()) : pattern + ".swift")
    return Documents.sources().filter { isOpen ? $0.hasPrefix(path) : $0 == path }
  }

  static func lines(_ files: [String]) throws -> Int {
    try files.reduce(0) { $0 + (try Documents.text($1)).count { $0 == "\n" } }
  }

  @Test func theTableIsThere() { #expect(Self.rows.count > 10) }

  @Test(arguments: rows.indices) func countsAreRightToATenth(_ index: Int) throws {
    let row = Self.rows[index]
    var files: [String] = []
    for pattern in row.patterns {
      let found = Self.files(pattern)
      #expect(!found.isEmpty, "no file is called '\(pattern)'")
      files += found
    }
    let lines = try Self.lines(files)
    #expect(
      abs(lines - row.lines) * 10 <= lines, "\(row.patterns) have \(lines) lines by now")
  }

  @Test func theCheckersSizeIsRightToATenth() throws {
    let page = try Documents.text("docs/soundness.md")
    let stated = try #require(page.firstMatch(of: /The checker has ([\d,]+) lines/))
    let number = try #require(Int(stated.1.filter(\.isNumber)))
    let lines = try Self.lines(Self.files("Verifier/*"))
    #expect(abs(lines - number) * 10 <= lines, "the checker has \(lines) lines by now")
  }
}
