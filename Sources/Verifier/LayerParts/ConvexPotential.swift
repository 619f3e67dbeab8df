/// What `cpl` and `sll` share: x − 2·Mᵀ·max(M x + b, 0).
protocol ConvexPotentialLayer: GroupLayer {
  var block: ConvexPotential { get }
}

extension ConvexPotentialLayer {
  static var keys: [LayerKey] {
    [LayerKey("units", .integer(1...1 << 24)), LayerKey("bound", .text)]
  }

  var shape: [Int] { [block.matrix.inputs] }
  var form: LayerForm { .gradientStep(block.matrix) }

  func values(_ x: GroupValues) -> GroupValues { block.values(x) }
}

/// The two products.
struct ConvexPotential {
  /// M.
  let matrix: LinearMap
  /// −2·Mᵀ.
  private let step: LinearMap
  private let norms: (matrix: LinearMap.RowNorms, step: LinearMap.RowNorms)
  private let bias: [Double]

  init(_ layer: LayerDescription) throws(Refusal) {
    guard layer.input.count == 1 else {
      throw layer.malformed("must have a vector as input, found \(layer.input)")
    }
    let (units, count) = (try layer.keys("units").integer, layer.input[0])
    let weight = try layer.parameter("weight", [units, count]).map(Double.init)
    bias = try layer.parameter("bias", [units]).map(Double.init)
    matrix = LinearMap(full: weight, inputs: count)
    step = LinearMap(full: weight.map { -2 * $0 }, inputs: count).fullTransposed
    norms = (matrix.rowNorms, step.rowNorms)
  }

  func values(_ x: GroupValues) -> GroupValues {
    let active = x.products(with: matrix, norms.matrix).with(bias) { $0.plus($1) }
      .map { $0.clamped(above: 0) }
    return x.with(active.products(with: step, norms.step)) { $0 + $1 }
  }
}
