import Diagnostics
import TensorGraph

/// The operations of `@main`, appended node by node.
struct FunctionBody {
  let graph: Graph
  let names: ValueNames
  let precision: StableHLOProgram.Precision
  private(set) var lines: [String] = []
  /// The node of each line.
  private(set) var values: [Value] = []

  init(_ graph: Graph, _ names: ValueNames, _ precision: StableHLOProgram.Precision) {
    self.graph = graph
    self.names = names
    self.precision = precision
  }

  /// Appends the operations of one node, each with the place that it comes from if there is one.
  mutating func append(_ value: Value, from place: Span?) {
    let start = lines.count
    append(value)
    values += [Value](repeating: value, count: lines.count - start)
    guard let place else { return }
    for index in start..<lines.count where Self.endsOperation(lines[index]) {
      lines[index] += " loc(\(place.location))"
    }
  }

  /// Whether a line is the last one of an operation of `@main` itself, not of a region in it.
  private static func endsOperation(_ line: String) -> Bool {
    line.hasPrefix("%") ? !line.hasSuffix("({") : line.hasPrefix("}) :")
  }

  private mutating func append(_ value: Value) {
    let node = graph[value]
    switch node.operation {
    case .input, .stopGradient, .withDerivative: break
    case .splat(let number): constant(value, [Float](repeating: Float(number), count: 1))
    case .literal(let literal): constant(value, literal.elements.map { Float($0) })
    case .unary(let function): unary(value, function)
    case .binary(let function): define(value, "\(Self.name(function)) \(operands(node))")
    case .compare(let relation): compare(value, relation)
    case .select: select(value)
    case .broadcast(let axes): move(value, "broadcast_in_dim", ", dims = \(list(axes))")
    case .reshape: move(value, "reshape")
    case .transpose(let permutation): move(value, "transpose", ", dims = \(list(permutation))")
    case .reduce(let fold, let axes): reduce(value, fold, axes)
    case .slice(let starts, let limits, let strides):
      let ranges = starts.indices.map { "\(starts[$0]):\(limits[$0]):\(strides[$0])" }
      move(value, "slice", " [\(listed(ranges))]")
    case .pad(let low, let high, let interior):
      let zero = scalar(value, "zero", 0)
      pad(
        names[value], names[node.operands[0]], type(node.operands[0]), zero, low, high, interior,
        node.type)
    case .concatenate(let axis): move(value, "concatenate", ", dim = \(axis)")
    case .dot(let left, let right): dot(value, left, right)
    case .cholesky: cholesky(value)
    case .triangularSolve(let transposed): triangularSolve(value, transposed)
    case .convolution(let window): convolution(value, window)
    case .convolutionInputGradient(let window): convolutionInputGradient(value, window)
    case .convolutionFilterGradient(let window): convolutionFilterGradient(value, window)
    case .sumPool(let window): sumPool(value, window)
    case .sumPoolGradient(let window): sumPoolGradient(value, window)
    case .maxPoolSelect(let window): maxPoolSelect(value, window)
    case .maxPoolScatter(let window): maxPoolScatter(value, window)
    case .random(let stream): random(value, stream)
    }
  }
}

// What the operations are written with.
extension FunctionBody {
  /// Appends a line.
  mutating func line(_ text: String) { lines.append(text) }

  /// The type of a value.
  func type(_ value: Value) -> TensorType { graph[value].type }

  /// The names of a node's operands.
  func operands(_ node: Node) -> String { listed(node.operands.map { names[$0] }) }

  /// The name of what a value is computed from.
  func part(_ value: Value, _ name: String) -> String { "%v\(value.index)$\(name)" }

  /// `(tensor<…>, …) -> tensor<…>` of a node.
  func signature(_ node: Node) -> String {
    "(\(listed(node.operands.map { type($0).mlir }))) -> \(node.type.mlir)"
  }

  /// A line for a value whose operands are of its own type.
  mutating func define(_ value: Value, _ operation: String) {
    line("\(names[value]) = stablehlo.\(operation) : \(type(value).mlir)")
  }

  /// A line for a value whose operands are of other types.
  mutating func move(_ value: Value, _ operation: String, _ attributes: String = "") {
    let node = graph[value]
    line(
      "\(names[value]) = stablehlo.\(operation) \(operands(node))\(attributes) : \(signature(node))"
    )
  }

  /// A line for a part: its name.
  @discardableResult
  mutating func define(_ value: Value, _ name: String, _ operation: String, _ type: String)
    -> String
  {
    let name = part(value, name)
    line("\(name) = stablehlo.\(operation) : \(type)")
    return name
  }

  /// A number as a part.
  mutating func scalar(_ value: Value, _ name: String, _ number: Float) -> String {
    define(value, name, "constant dense<\(StableHLO.number(number))>", "tensor<f32>")
  }

  mutating func pad(
    _ result: String, _ operand: String, _ from: TensorType, _ zero: String, _ low: [Int],
    _ high: [Int], _ interior: [Int], _ to: TensorType
  ) {
    line(
      "\(result) = stablehlo.pad \(operand), \(zero), low = \(list(low)), high = \(list(high)),"
        + " interior = \(list(interior)) : (\(from.mlir), tensor<f32>) -> \(to.mlir)")
  }
}

// Elementwise operations, folds and constants.
extension FunctionBody {
  private mutating func constant(_ value: Value, _ numbers: [Float]) {
    let type = type(value)
    let text =
      type.count == 0
      ? "<>" : numbers.count == 1 ? "<\(number(numbers[0]))>" : elements(numbers, type.shape)
    define(value, "constant dense\(text)")
  }

  private mutating func unary(_ value: Value, _ function: Operation.Unary) {
    let (x, type) = (operands(graph[value]), type(value).mlir)
    switch function {
    case .erf: line("\(names[value]) = chlo.erf \(x) : \(type) -> \(type)")
    case .bfloat16: define(value, "reduce_precision \(x), format = e8m7")
    case .negate: define(value, "negate \(x)")
    case .abs: define(value, "abs \(x)")
    case .sign: define(value, "sign \(x)")
    case .exp: define(value, "exponential \(x)")
    case .log: define(value, "log \(x)")
    case .log1p: define(value, "log_plus_one \(x)")
    case .sqrt: define(value, "sqrt \(x)")
    case .tanh: define(value, "tanh \(x)")
    case .logistic: define(value, "logistic \(x)")
    }
  }

  private static func name(_ function: Operation.Binary) -> String {
    switch function {
    case .add, .subtract, .multiply, .divide, .maximum, .minimum: function.rawValue
    }
  }

  private static func name(_ relation: Operation.Comparison) -> String {
    switch relation {
    case .less: "LT"
    case .lessOrEqual: "LE"
    case .greater: "GT"
    case .greaterOrEqual: "GE"
    case .equal: "EQ"
    }
  }

  private mutating func compare(_ value: Value, _ relation: Operation.Comparison) {
    let node = graph[value]
    let (floats, bits) = (node.type.mlir, node.type.mlir(of: "i1"))
    let holds = define(
      value, "holds", "compare \(Self.name(relation)), \(operands(node))",
      "(\(floats), \(floats)) -> \(bits)")
    line("\(names[value]) = stablehlo.convert \(holds) : (\(bits)) -> \(floats)")
  }

  private mutating func select(_ value: Value) {
    let node = graph[value]
    let (floats, bits) = (node.type.mlir, node.type.mlir(of: "i1"))
    let zeros = define(
      value, "zeros", "constant dense\(node.type.count == 0 ? "<>" : "<0.0>")", floats)
    let isSet = define(
      value, "set", "compare NE, \(names[node.operands[0]]), \(zeros)",
      "(\(floats), \(floats)) -> \(bits)")
    let (a, b) = (names[node.operands[1]], names[node.operands[2]])
    line("\(names[value]) = stablehlo.select \(isSet), \(a), \(b) : \(bits), \(floats)")
  }

  private mutating func reduce(_ value: Value, _ fold: Operation.Reduction, _ axes: [Int]) {
    let node = graph[value]
    let (neutral, function) =
      switch fold {
      case .sum: (scalar(value, "zero", 0), "add")
      case .maximum: (scalar(value, "lowest", -.infinity), "maximum")
      }
    line(
      "\(names[value]) = stablehlo.reduce(\(operands(node)) init: \(neutral)) applies stablehlo.\(function)"
        + " across dimensions = \(list(axes))"
        + " : (\(type(node.operands[0]).mlir), tensor<f32>) -> \(node.type.mlir)")
  }
}
