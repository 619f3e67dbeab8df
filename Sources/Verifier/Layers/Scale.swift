/// a·x with a constant factor for each channel, or one for all.
struct Scale: LinearLayer {
  static let kind = "scale"
  static let keys = [LayerKey("factor", .numbers(LayerKey.finite))]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let numbers = try layer.channelNumbers("factor")
    let factors = numbers.map { Double(Float($0)) }
    guard zip(numbers, factors).allSatisfy({ $0 == 0 || $1.isFloat32Normal }) else {
      throw layer.malformed("must have float32 numbers under 'factor'")
    }
    (shape, evaluation) = (layer.input, LinearEvaluation(layer.scaling(factors)))
  }
}
