import TensorGraph

/// A network's graph as one C99 file that needs nothing but the standard library.
///
/// Every operation becomes loops in a fixed order, in `float` or `double`; sums start at 0 and add one product after another.
/// The file defines `NAME_logits(input, logits)` and `NAME_predict(input)`. It has no state but its buffers, so
/// it is not for several threads at once.
public struct CProgram {
  /// The type of all numbers.
  public enum Real: String, Sendable {
    case float, double

    /// What ends literals and names of functions.
    var suffix: String {
      switch self {
      case .float: "f"
      case .double: ""
      }
    }
  }

  /// Why a graph has no C program; a phrase.
  public struct Fault: Error {
    /// The phrase.
    public let reason: String
  }

  let graph: Graph
  private let weights: [String: HostTensor]
  private let name: String
  private let fed: String
  let real: Real
  /// The name of each value's array, or the number that all its elements are.
  private var values: [Int: String] = [:]
  private var declarations: [String] = []
  private var body: [String] = []

  /// The text of a program.
  ///
  /// - Parameters:
  ///   - graph: of a batch of one; its persistent inputs are the weights.
  ///   - fed: the name of the input.
  ///   - output: the name of the output.
  ///   - name: begins the names of the functions; letters, digits and underscores.
  ///   - remarks: lines of the comment at the beginning.
  public static func text(
    _ graph: Graph, weights: [String: HostTensor], fed: String, output: String, name: String,
    real: Real, remarks: [String]
  ) throws(Fault) -> String {
    var program = CProgram(graph: graph, weights: weights, name: name, fed: fed, real: real)
    for index in graph.nodes.indices { try program.add(index) }
    guard let result = graph.outputs.first(where: { $0.name == output }) else {
      throw Fault(reason: "the graph has no output '\(output)'")
    }
    return program.text(result: result.value.index, remarks)
  }

  private init(
    graph: Graph, weights: [String: HostTensor], name: String, fed: String, real: Real
  ) {
    (self.graph, self.weights, self.name) = (graph, weights, name)
    (self.fed, self.real) = (fed, real)
  }

  private func text(result: Int, _ remarks: [String]) -> String {
    let count = graph.nodes[result].type.count
    let inputs = graph.inputs.first { $0.name == fed }.map { graph[$0.value].type.count } ?? 0
    return """
      \((["/*"] + remarks.map { " * \($0)" } + [" */"]).joined(separator: "\n"))

      #include <math.h>

      \(declarations.joined(separator: "\n"))

      /* The logits of one input of \(inputs) values, in input units. */
      void \(name)_logits(const \(real) input[\(inputs)], \(real) logits[\(count)]) {
      \(body.joined(separator: "\n"))
        for (long i = 0; i < \(count); i++) logits[i] = \(element(result, "i"));
      }

      /* The class of the largest logit, the first at a tie. */
      int \(name)_predict(const \(real) input[\(inputs)]) {
        \(real) logits[\(count)];
        int best = 0;
        \(name)_logits(input, logits);
        for (int i = 1; i < \(count); i++)
          if (logits[i] > logits[best]) best = i;
        return best;
      }

      """
  }

  private mutating func add(_ index: Int) throws(Fault) {
    let node = graph.nodes[index]
    let operands = node.operands.map(\.index)
    switch node.operation {
    case .input(let name): try addInput(name, index)
    case .splat(let number): values[index] = literal(Float(number))
    case .literal(let literal): addConstant(literal.elements.map { Float($0) }, index)
    case .reshape, .stopGradient, .withDerivative: values[index] = values[operands[0]]
    case .unary(.bfloat16):
      throw Fault(reason: "an operation of training steps is in the network: \(node.operation)")
    case .unary(let function): elementwise(index, text(function, element(operands[0], "i")))
    case .binary(let function):
      elementwise(
        index, Self.text(function, element(operands[0], "i"), element(operands[1], "i")))
    case .compare(let relation):
      let (a, b) = (element(operands[0], "i"), element(operands[1], "i"))
      elementwise(index, "\(a) \(Self.text(relation)) \(b) ? \(literal(1)) : \(literal(0))")
    case .select:
      let parts = operands.map { element($0, "i") }
      elementwise(index, "\(parts[0]) != \(literal(0)) ? \(parts[1]) : \(parts[2])")
    case .broadcast, .transpose, .slice, .pad, .concatenate, .reduce:
      movement(node, operands, result: array(index))
    case .dot, .convolution, .convolutionInputGradient, .sumPool, .maxPoolSelect:
      try product(node, operands, result: array(index))
    case .convolutionFilterGradient, .sumPoolGradient, .maxPoolScatter, .random, .cholesky,
      .triangularSolve:
      throw Fault(reason: "an operation of training steps is in the network: \(node.operation)")
    }
  }

  private mutating func addInput(_ name: String, _ index: Int) throws(Fault) {
    guard name != fed else { return values[index] = "input" }
    guard let tensor = weights[name] else { throw Fault(reason: "the weights lack '\(name)'") }
    addConstant(tensor.elements, index, "/* \(name) */ ")
  }

  private mutating func addConstant(_ elements: [Float], _ index: Int, _ comment: String = "") {
    let name = "c\(index)"
    values[index] = name
    var lines: [String] = []
    for start in stride(from: 0, to: elements.count, by: 6) {
      let row = elements[start..<min(start + 6, elements.count)]
      lines.append("  " + row.map(literal).joined(separator: ", ") + ",")
    }
    declarations.append(
      "\(comment)static const \(real) \(name)[\(max(1, elements.count))] = {\n"
        + lines.joined(separator: "\n") + "\n};")
  }

  /// A static array for the elements of a node.
  private mutating func array(_ index: Int) -> String {
    let name = "v\(index)"
    declarations.append("static \(real) \(name)[\(max(1, graph.nodes[index].type.count))];")
    values[index] = name
    return name
  }

  /// Appends lines of the function, indented.
  mutating func emit(_ lines: [String]) { body += lines.map { "  " + $0 } }

  /// An element of a value, by an expression for its place.
  func element(_ index: Int, _ place: String) -> String {
    guard case .splat = graph.nodes[source(index)].operation else {
      return "\(values[index] ?? "")[\(place)]"
    }
    return values[index] ?? ""
  }

  /// The node whose elements a value shares.
  private func source(_ index: Int) -> Int {
    let node = graph.nodes[index]
    return [.reshape, .stopGradient, .withDerivative].contains(node.operation)
      ? source(node.operands[0].index) : index
  }

  private mutating func elementwise(_ index: Int, _ expression: String) {
    let (count, result) = (graph.nodes[index].type.count, array(index))
    emit(["for (long i = 0; i < \(count); i++) \(result)[i] = \(expression);"])
  }

  func literal(_ number: Float) -> String { Self.literal(number, real) }

  /// A hexadecimal literal, which is exact.
  static func literal(_ number: Float, _ real: Real) -> String {
    if number.isNaN { return "NAN" }
    if number.isInfinite { return number < 0 ? "-INFINITY" : "INFINITY" }
    let sign = number.sign == .minus ? "-" : ""
    guard number != 0 else { return "\(sign)0.0\(real.suffix)" }
    // An integer times a power of two; in Double, so that subnormal numbers are exact as well.
    let exponent = Double(number).exponent - Double.Exponent(Float.significandBitCount)
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    let significand = Int(Double(number.magnitude) / unit)
    return "\(sign)0x\(String(significand, radix: 16))p\(exponent)\(real.suffix)"
  }

  private func text(_ function: Operation.Unary, _ x: String) -> String {
    let (f, zero, one) = (real.suffix, literal(0), literal(1))
    return switch function {
    case .negate: "-\(x)"
    case .abs: "fabs\(f)(\(x))"
    case .sign: "(\(real))((\(x) > \(zero)) - (\(x) < \(zero)))"
    case .exp: "exp\(f)(\(x))"
    case .log: "log\(f)(\(x))"
    case .log1p: "log1p\(f)(\(x))"
    case .sqrt: "sqrt\(f)(\(x))"
    case .tanh: "tanh\(f)(\(x))"
    case .logistic: "\(one) / (\(one) + exp\(f)(-\(x)))"
    case .erf: "erf\(f)(\(x))"
    case .bfloat16: preconditionFailure("only training steps round to bfloat16")
    }
  }

  private static func text(_ function: Operation.Binary, _ a: String, _ b: String) -> String {
    switch function {
    case .add: "\(a) + \(b)"
    case .subtract: "\(a) - \(b)"
    case .multiply: "\(a) * \(b)"
    case .divide: "\(a) / \(b)"
    case .maximum: "\(a) > \(b) ? \(a) : \(b)"
    case .minimum: "\(a) < \(b) ? \(a) : \(b)"
    }
  }

  private static func text(_ relation: Operation.Comparison) -> String {
    switch relation {
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .equal: "=="
    }
  }
}
