import TensorGraph

// Matrix products, factorizations and triangular systems.
extension FunctionBody {
  /// `HIGHEST, HIGHEST` or `DEFAULT, DEFAULT`, for both operands of a product.
  private var precisions: String { listed([precision.rawValue, precision.rawValue]) }

  mutating func dot(_ value: Value, _ left: Bool, _ right: Bool) {
    let dimensions = "contracting_dims = [\(left ? 0 : 1)] x [\(right ? 1 : 0)]"
    move(value, "dot_general", ", \(dimensions), precision = [\(precisions)]")
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
