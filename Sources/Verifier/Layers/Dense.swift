/// W x + b.
struct Dense: LinearLayer {
  static let kind = "dense"
  static let keys =
    [LayerKey("units", .integer(1...1 << 24)), LayerKey("bias", .flag)] + LayerKey.formed

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    guard layer.input.count == 1 else {
      throw layer.malformed("must have a vector as input, found \(layer.input)")
    }
    let (units, count) = (try layer.keys("units").integer, layer.input[0])
    let weight = try layer.parameter("weight", [units, count])
    var map = LinearMap(full: weight.map(Double.init), inputs: count)
    map.offset = try layer.bias(units, repeated: 1)
    (shape, evaluation) = ([units], LinearEvaluation(map))
  }
}
