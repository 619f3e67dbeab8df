import TensorGraph

// Matrix products, factorizations and triangular systems.
extension FunctionBody {
  mutating func dot(_ value: Value, _ left: Bool, _ right: Bool) {
    let factors = factors(of: value)
    let dimensions = "contracting_dims = [\(left ? 0 : 1)] x [\(right ? 1 : 0)]"
    let precision = factors.precision.rawValue
    line(
      "\(names[value]) = stablehlo.dot_general \(listed(factors.names)), \(dimensions),"
        + " precision = [\(precision), \(precision)] : \(factors.signature)")
  }

  /// The operands of a product: bfloat16 numbers where all are rounded to such, which keeps them and their products
  /// exact.
  mutating func factors(of value: Value) -> Factors {
    let node = graph[value]
    let types = node.operands.map(type)
    guard node.operands.allSatisfy({ graph[$0].operation == .unary(.bfloat16) }) else {
      return Factors(
        names: node.operands.map { names[$0] }, types: types, element: "f32", precision: precision,
        result: node.type)
    }
    let narrow = zip(node.operands, ["left", "right"]).map { operand, name in
      let (wide, type) = (type(operand).mlir, type(operand).mlir(of: "bf16"))
      return define(value, name, "convert \(names[operand])", "(\(wide)) -> \(type)")
    }
    return Factors(
      names: narrow, types: types, element: "bf16", precision: .fastest, result: node.type)
  }

  /// The factor of the symmetric part, and 0 above its diagonal, where XLA leaves what it likes.
  mutating func cholesky(_ value: Value) {
    let node = graph[value]
    let (type, operand) = (node.type.mlir, names[node.operands[0]])
    let transpose = define(
      value, "transpose", "transpose \(operand), dims = [1, 0]", "(\(type)) -> \(type)")
    let half = define(value, "half", "constant dense<0.5>", type)
    let sum = define(value, "sum", "add \(operand), \(transpose)", type)
    let symmetric = define(value, "symmetric", "multiply \(sum), \(half)", type)
    let factor = define(value, "factor", "cholesky \(symmetric), lower = true", type)
    let indices = node.type.mlir(of: "i32")
    let bits = node.type.mlir(of: "i1")
    let rows = define(value, "rows", "iota dim = 0", indices)
    let columns = define(value, "columns", "iota dim = 1", indices)
    let isBelow = define(
      value, "below", "compare GE, \(rows), \(columns)", "(\(indices), \(indices)) -> \(bits)")
    let zeros = define(value, "zeros", "constant dense<0.0>", type)
    line("\(names[value]) = stablehlo.select \(isBelow), \(factor), \(zeros) : \(bits), \(type)")
  }

  mutating func triangularSolve(_ value: Value, _ transposed: Bool) {
    let node = graph[value]
    let form = transposed ? "TRANSPOSE" : "NO_TRANSPOSE"
    line(
      "\(names[value]) = \"stablehlo.triangular_solve\"(\(operands(node))) <{left_side = true, lower = true,"
        + " unit_diagonal = false, transpose_a = #stablehlo<transpose \(form)>}> : \(signature(node))"
    )
  }
}

/// The operands of a product or convolution.
struct Factors {
  /// Names in the module.
  var names: [String]
  /// Shapes.
  var types: [TensorType]
  /// The type of their elements.
  let element: String
  /// What may be rounded besides.
  let precision: StableHLOProgram.Precision
  /// The type of the result, whose elements are float32.
  let result: TensorType

  /// `(tensor<…>, tensor<…>) -> tensor<…>`.
  var signature: String {
    "(\(listed(types.map { $0.mlir(of: element) }))) -> \(result.mlir)"
  }
}
