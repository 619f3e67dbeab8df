import Diagnostics

extension Graph {
  /// Reads what ``text`` prints; the result verifies.
  ///
  /// Every line with a fault yields one diagnostic, `file.graph`; if there is any, the result is nil.
  /// Extents and attributes are below 2³¹, a tensor has at most 2⁴⁰ elements.
  public init?(text source: SourceFile, diagnostics: inout [Diagnostic]) {
    var parser = GraphParser(source)
    parser.parse()
    if parser.diagnostics.isEmpty { parser.verify() }
    diagnostics += parser.diagnostics
    guard parser.diagnostics.isEmpty else { return nil }
    self = parser.graph
  }
}

/// Reads the lines of a graph's text; each line is independent of faults in others.
private struct GraphParser {
  private let source: SourceFile
  private(set) var graph = Graph(name: "")
  private(set) var diagnostics: [Diagnostic] = []
  private var nodeLines: [Range<Int>] = []
  private var inputLines: [Range<Int>] = []
  private var outputLines: [Range<Int>] = []

  init(_ source: SourceFile) { self.source = source }

  mutating func parse() {
    var start = 0
    var isFirst = true
    for line in source.bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let range = start..<start + line.count
      start = range.upperBound + 1
      do throws(GraphTextFault) {
        var reader = try GraphLineReader(GraphLexer(source.bytes, range))
        if reader.token.kind == .end { continue }
        defer { isFirst = false }
        try statement(&reader, range, isFirst: isFirst)
      } catch {
        report(error.message, error.range)
      }
    }
    if isFirst { report("a graph must start with 'graph' and its name", 0..<0) }
  }

  mutating func verify() {
    for fault in graph.verify() {
      let range =
        switch fault.place {
        case .node(let index): nodeLines[index]
        case .input(let index): inputLines[index]
        case .output(let index): outputLines[index]
        }
      report(fault.message, range)
    }
  }

  private mutating func report(_ message: String, _ range: Range<Int>) {
    diagnostics.append(
      .error(.file, "graph", message, at: Span(source, range.lowerBound, range.upperBound)))
  }

  private mutating func statement(
    _ reader: inout GraphLineReader, _ line: Range<Int>, isFirst: Bool
  ) throws(GraphTextFault) {
    let head = reader.token
    if isFirst != (head.kind == .word("graph")) {
      let rule = "a graph must start with a single line of 'graph' and its name"
      throw GraphTextFault(message: rule, range: head.range)
    }
    switch head.kind {
    case .word("graph"):
      try reader.advance()
      graph.name = try reader.string()
    case .word("input"), .word("persistent"):
      try reader.advance()
      let (name, value) = (try reader.string(), try reader.value())
      let isPersistent = head.kind == .word("persistent")
      graph.inputs.append(.init(name: name, value: value, isPersistent: isPersistent))
      inputLines.append(line)
    case .word("output"):
      try reader.advance()
      let (name, value) = (try reader.string(), try reader.value())
      graph.outputs.append(.init(name: name, value: value))
      outputLines.append(line)
    case .value(let index):
      nodeLines.append(line)
      graph.nodes.append(Node(.stopGradient, [], .scalar))
      guard index == nodeLines.count - 1 else {
        let rule =
          "nodes must be numbered in order: expected %\(nodeLines.count - 1), found %\(index)"
        throw GraphTextFault(message: rule, range: head.range)
      }
      try reader.advance()
      graph.nodes[index] = try reader.node()
    case .word, .number, .string, .mark, .end:
      let rule = "a line must start with 'input', 'persistent', 'output' or a node's number"
      throw GraphTextFault(message: rule, range: head.range)
    }
    try reader.expectEnd()
  }
}
