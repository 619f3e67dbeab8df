/// (x − mean)/std with constants for each channel, or one for all.
struct Normalize: LinearLayer {
  static let kind = "normalize"
  static let keys = [
    LayerKey("mean", .numbers(LayerKey.finite)),
    LayerKey("std", .numbers(Double.leastNonzeroMagnitude...LayerKey.finite.upperBound)),
  ]

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    let (means, deviations) = (try layer.channelNumbers("mean"), try layer.channelNumbers("std"))
    let factors = deviations.map { Double(Float(1 / $0)) }
    let subtracted = means.map { Double(Float($0)) }
    guard factors.allSatisfy(\.isFloat32Normal),
      zip(means, subtracted).allSatisfy({ $0 == 0 || $1.isFloat32Normal })
    else {
      throw layer.malformed(
        "must have float32 numbers under 'mean', and reciprocals of 'std' that are")
    }
    var map = layer.scaling(factors)
    map.subtracted = layer.spread(subtracted)
    evaluation = LinearEvaluation(map)
  }
}
