/// Groups of nodes that exporters write for one operation, each as a node of that operation.
///
/// x·(1 + erf(x/√2))/2 in any order of its factors becomes `Gelu`, x·tanh(softplus(x)) `Mish` and x·sigmoid(x)
/// ``silu``. A group's inner nodes stay; those that nothing else reads are left out afterwards. Cost: constant for
/// each node.
struct NodePatterns {
  /// x·sigmoid(x), which opset 13 has no operator for.
  static let silu = "lmtc.SiLU"

  private let constants: [String: ONNXConstant]
  private var producers: [String: ONNXNode] = [:]
  private var uses: [String: Int] = [:]

  /// The nodes with each group's last node replaced.
  static func joined(
    _ nodes: [ONNXNode], constants: [String: ONNXConstant]
  ) -> [ONNXNode] {
    let patterns = NodePatterns(nodes, constants: constants)
    return nodes.map { patterns.gated($0) ?? $0 }
  }

  private init(_ nodes: [ONNXNode], constants: [String: ONNXConstant]) {
    self.constants = constants
    for node in nodes {
      for output in node.outputs { producers[output] = node }
      for input in node.inputs { uses[input, default: 0] += 1 }
    }
  }

  /// A product of values, of which none is constant, and a number.
  private struct Product {
    var factors: [String] = []
    var number = 1.0
    /// Whether it divides by no value that is not constant.
    var isPlain = true
    /// The nodes that may still be expanded: products are short.
    var room = 8
  }

  /// A product of x and a function of x as one node; nil for any other node.
  private func gated(_ node: ONNXNode) -> ONNXNode? {
    guard Self.isProduct(node) else { return nil }
    var product = Product()
    expand(node, &product)
    guard product.isPlain, product.factors.count == 2 else { return nil }
    let (a, b) = (product.factors[0], product.factors[1])
    for (x, gate) in [(a, b), (b, a)] {
      guard let operation = operation(of: gate, times: x, product.number) else { continue }
      return node.replaced(by: operation, of: [x])
    }
    return nil
  }

  /// What number·x·gate is; nil for anything else.
  private func operation(of gate: String, times x: String, _ number: Double) -> String? {
    if Self.isNear(number, 1), let input = input("Sigmoid", gate), input == x { return Self.silu }
    if Self.isNear(number, 1), let inner = input("Tanh", gate), input("Softplus", inner) == x {
      return "Mish"
    }
    guard Self.isNear(number, 0.5), let node = producers[gate], node.operation == "Add",
      let erf = node.inputs.first(where: { self.number($0) == nil }),
      node.inputs.contains(where: { self.number($0) == 1 }), let inner = input("Erf", erf)
    else { return nil }
    return isScaled(inner, x, by: 0.5.squareRoot()) ? "Gelu" : nil
  }

  /// Whether a value is x times a number.
  private func isScaled(_ value: String, _ x: String, by number: Double) -> Bool {
    guard let node = producers[value], Self.isProduct(node) else { return false }
    var product = Product()
    expand(node, &product)
    return product.isPlain && product.factors == [x] && Self.isNear(product.number, number)
  }

  /// Multiplies by the operands of a product or quotient; those that are such themselves and are read only here are
  /// expanded.
  private func expand(_ node: ONNXNode, _ product: inout Product) {
    product.room -= 1
    for (place, name) in node.inputs.enumerated() {
      let isDivisor = node.operation == "Div" && place == 1
      if let number = number(name) {
        product.number *= isDivisor ? 1 / number : number
      } else if isDivisor {
        product.isPlain = false
      } else if let inner = producers[name], Self.isProduct(inner), uses[name] == 1,
        product.room > 0
      {
        expand(inner, &product)
      } else {
        product.factors.append(name)
      }
    }
  }

  private static func isProduct(_ node: ONNXNode) -> Bool {
    (node.operation == "Mul" || node.operation == "Div") && node.inputs.count == 2
  }

  /// The operand of a node with a value as its result.
  private func input(_ operation: String, _ value: String) -> String? {
    guard let node = producers[value], node.operation == operation else { return nil }
    return node.inputs.first
  }

  /// A constant of one element.
  private func number(_ name: String) -> Double? {
    guard let constant = constant(name), constant.count == 1, constant.shape.count <= 1,
      let number = constant.real.first
    else { return nil }
    return Double(number)
  }

  private func constant(_ name: String) -> ONNXConstant? {
    if let constant = constants[name] { return constant }
    guard let node = producers[name], node.operation == "Constant" else { return nil }
    return try? NetworkImport.constant(of: node)
  }

  /// Whether two numbers are the same up to the rounding of a few operations in float32.
  private static func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 0x1p-20 * abs(b) }
}
