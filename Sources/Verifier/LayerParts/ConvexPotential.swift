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

/// The matrices of the two products.
struct ConvexPotential {
  /// M.
  let matrix: LinearMap
  /// −2·Mᵀ.
  private let step: LinearMap
  private let bias: [Double]

  init(_ layer: LayerDescription) throws(Refusal) {
    guard layer.input.count == 1 else {
      throw layer.malformed("must have a vector as input, found \(layer.input)")
    }
    let (units, count) = (try layer.keys("units").integer, layer.input[0])
    let weight = try layer.parameter("weight", [units, count]).map(Double.init)
    bias = try layer.parameter("bias", [units]).map(Double.init)
    matrix = LinearMap(full: weight, inputs: count)
    var transposed = Array(repeating: 0.0, count: weight.count)
    for row in 0..<units {
      for column in 0..<count {
        transposed[column * units + row] = -2 * weight[row * count + column]
      }
    }
    step = LinearMap(full: transposed, inputs: units)
  }

  func values(_ x: GroupValues) -> GroupValues {
    let active = x.products(with: matrix).with(bias) { $0.plus($1) }.map { $0.clamped(above: 0) }
    return x.with(active.products(with: step)) { $0 + $1 }
  }
}
