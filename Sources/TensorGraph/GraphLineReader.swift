import Diagnostics

/// Reads the parts of one line of a graph's text.
struct GraphLineReader {
  private var lexer: GraphLexer
  /// The next token.
  private(set) var token: GraphToken

  init(_ lexer: GraphLexer) throws(GraphTextFault) {
    self.lexer = lexer
    token = try self.lexer.next()
  }

  mutating func advance() throws(GraphTextFault) { token = try lexer.next() }

  private func expected(_ what: String) -> GraphTextFault {
    GraphTextFault(message: "expected \(what)", range: token.range)
  }

  mutating func expectEnd() throws(GraphTextFault) {
    if token.kind != .end { throw expected("the end of the line") }
  }

  mutating func string() throws(GraphTextFault) -> String {
    guard case .string(let text) = token.kind else { throw expected("a name in quotes") }
    try advance()
    return text
  }

  mutating func value() throws(GraphTextFault) -> Value {
    guard case .value(let index) = token.kind else { throw expected("a value such as %0") }
    try advance()
    return Value(index)
  }

  private mutating func accept(_ mark: Character) throws(GraphTextFault) -> Bool {
    guard token.kind == .mark(mark) else { return false }
    try advance()
    return true
  }

  private mutating func expect(_ mark: Character) throws(GraphTextFault) {
    guard try accept(mark) else { throw expected("'\(mark)'") }
  }

  /// What follows a node's number: `= dot(%0, %0) {transposeRight} : [10, 10]`.
  mutating func node() throws(GraphTextFault) -> Node {
    try expect("=")
    let head = token
    guard case .word(let name) = head.kind else { throw expected("an operation's name") }
    try advance()
    try expect("(")
    var operands: [Value] = []
    if token.kind != .mark(")") {
      repeat { operands.append(try value()) } while try accept(",")
    }
    try expect(")")
    var attributes = try attributes()
    let operation = try attributes.operation(named: name, at: head.range)
    try attributes.expectNoMore()
    try expect(":")
    return Node(operation, operands, try type())
  }

  private mutating func attributes() throws(GraphTextFault) -> GraphAttributes {
    var attributes = GraphAttributes(range: token.range)
    guard try accept("{") else { return attributes }
    repeat {
      guard case .word(let key) = token.kind else { throw expected("an attribute's name") }
      let range = token.range
      try advance()
      var values: [GraphToken] = []
      while token.isLiteral {
        values.append(token)
        try advance()
      }
      attributes.entries.append((key, range, values))
    } while try accept(",")
    guard try accept("}") else { throw expected("a value, ',' or '}'") }
    return attributes
  }

  private mutating func type() throws(GraphTextFault) -> TensorType {
    let start = token.range
    try expect("[")
    var shape: [Int] = []
    var count = 1
    if token.kind != .mark("]") {
      repeat {
        guard case .number(let text) = token.kind, let extent = Int(text),
          (0...Int(Int32.max)).contains(extent)
        else { throw expected("an extent from 0 to 2³¹ − 1") }
        shape.append(extent)
        let (product, overflows) = count.multipliedReportingOverflow(by: max(extent, 1))
        guard !overflows, product <= 1 << 40 else {
          throw GraphTextFault(
            message: "a tensor must have at most 2⁴⁰ elements",
            range: start.lowerBound..<token.range.upperBound)
        }
        count = product
        try advance()
      } while try accept(",")
    }
    try expect("]")
    return TensorType(shape)
  }
}
