import Diagnostics

/// The attributes in braces of one node's line, taken out one after another.
struct GraphAttributes {
  var entries: [(key: String, range: Range<Int>, values: [GraphToken])] = []
  /// The range of the braces, or where they are missing.
  let range: Range<Int>

  init(range: Range<Int>) { self.range = range }

  func expectNoMore() throws(GraphTextFault) {
    guard let entry = entries.first else { return }
    throw GraphTextFault(message: "unexpected attribute '\(entry.key)'", range: entry.range)
  }

  /// The operation of a name with its attributes, which are taken.
  mutating func operation(
    named name: String, at range: Range<Int>
  ) throws(GraphTextFault) -> Operation {
    if let function = Operation.Unary(rawValue: name) { return .unary(function) }
    if let function = Operation.Binary(rawValue: name) { return .binary(function) }
    if let relation = Operation.Comparison(rawValue: name) { return .compare(relation) }
    switch name {
    case "input": return .input(try string("name"))
    case "splat": return .splat(try numbers("value", count: 1)[0])
    case "literal": return .literal(Literal(try numbers("values")))
    case "select": return .select
    case "reshape": return .reshape
    case "stopGradient": return .stopGradient
    case "withDerivative": return .withDerivative
    case "broadcast": return .broadcast(axes: try integers("axes"))
    case "transpose": return .transpose(try integers("axes"))
    case "reduceSum": return .reduce(.sum, axes: try integers("axes"))
    case "reduceMaximum": return .reduce(.maximum, axes: try integers("axes"))
    case "slice":
      return .slice(
        starts: try integers("starts"), limits: try integers("limits"),
        strides: try integers("strides"))
    case "pad":
      return .pad(
        low: try integers("low"), high: try integers("high"), interior: try integers("interior"))
    case "concatenate": return .concatenate(axis: try integers("axis", count: 1)[0])
    case "dot":
      return .dot(
        transposeLeft: try flag("transposeLeft"), transposeRight: try flag("transposeRight"))
    case "cholesky": return .cholesky
    case "triangularSolve": return .triangularSolve(transposed: try flag("transposed"))
    case "convolution": return .convolution(try convolutionWindow())
    case "convolutionInputGradient": return .convolutionInputGradient(try convolutionWindow())
    case "convolutionFilterGradient": return .convolutionFilterGradient(try convolutionWindow())
    case "sumPool": return .sumPool(try poolWindow())
    case "sumPoolGradient": return .sumPoolGradient(try poolWindow())
    case "maxPoolSelect": return .maxPoolSelect(try poolWindow())
    case "maxPoolScatter": return .maxPoolScatter(try poolWindow())
    case "random": return .random(stream: try stream())
    default:
      throw GraphTextFault(message: "unknown operation '\(name)'", range: range)
    }
  }

  private mutating func convolutionWindow() throws(GraphTextFault) -> ConvolutionWindow {
    ConvolutionWindow(
      kernel: try integers("kernel", count: 2), strides: try integers("strides", count: 2),
      paddingLow: try integers("low", count: 2), paddingHigh: try integers("high", count: 2),
      dilations: try integers("dilations", count: 2), groups: try integers("groups", count: 1)[0])
  }

  private mutating func poolWindow() throws(GraphTextFault) -> PoolWindow {
    PoolWindow(
      kernel: try integers("kernel", count: 2), strides: try integers("strides", count: 2),
      paddingLow: try integers("low", count: 2), paddingHigh: try integers("high", count: 2))
  }

  private mutating func take(
    _ key: String, count: Int?
  ) throws(GraphTextFault) -> [GraphToken] {
    guard let place = entries.firstIndex(where: { $0.key == key }) else {
      throw GraphTextFault(message: "missing attribute '\(key)'", range: range)
    }
    let entry = entries.remove(at: place)
    if let count, entry.values.count != count {
      let rule = "'\(key)' takes \(count) values, found \(entry.values.count)"
      throw GraphTextFault(message: rule, range: entry.range)
    }
    return entry.values
  }

  private mutating func flag(_ key: String) throws(GraphTextFault) -> Bool {
    guard entries.contains(where: { $0.key == key }) else { return false }
    return try take(key, count: 0).isEmpty
  }

  private mutating func numbers(
    _ key: String, count: Int? = nil
  ) throws(GraphTextFault) -> [Double] {
    var numbers: [Double] = []
    for token in try take(key, count: count) {
      guard case .number(let text) = token.kind, let number = Double(text) else {
        throw GraphTextFault(message: "expected a number", range: token.range)
      }
      numbers.append(number)
    }
    return numbers
  }

  private mutating func integers(
    _ key: String, count: Int? = nil
  ) throws(GraphTextFault) -> [Int] {
    var integers: [Int] = []
    for token in try take(key, count: count) {
      guard case .number(let text) = token.kind, let number = Int(text),
        (0...Int(Int32.max)).contains(number)
      else {
        throw GraphTextFault(message: "expected a whole number below 2³¹", range: token.range)
      }
      integers.append(number)
    }
    return integers
  }

  private mutating func string(_ key: String) throws(GraphTextFault) -> String {
    let token = try take(key, count: 1)[0]
    guard case .string(let text) = token.kind else {
      throw GraphTextFault(message: "expected text in quotes", range: token.range)
    }
    return text
  }

  private mutating func stream() throws(GraphTextFault) -> UInt64 {
    let token = try take("stream", count: 1)[0]
    guard case .number(let text) = token.kind, let number = UInt64(text) else {
      throw GraphTextFault(message: "expected a whole number below 2⁶⁴", range: token.range)
    }
    return number
  }
}
