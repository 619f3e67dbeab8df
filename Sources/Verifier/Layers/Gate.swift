/// a·x with one learned factor.
struct Gate: LinearLayer {
  static let kind = "gate"
  static let keys = [LayerKey("group", .text), LayerKey("start", .number(0...1))]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let factor = Double(try layer.parameter("weight", [1])[0])
    let factors = Array(repeating: factor, count: layer.input[0])
    (shape, evaluation) = (layer.input, LinearEvaluation(layer.scaling(factors)))
  }
}
