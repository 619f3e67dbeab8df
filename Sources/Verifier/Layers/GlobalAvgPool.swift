/// The mean of each channel of an image.
struct GlobalAvgPool: LinearLayer {
  static let kind = "global_avg_pool"

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let window = try Window(wholeImageOf: layer)
    shape = [window.channels]
    evaluation = LinearEvaluation(try Pooling.mean(layer, window))
  }
}
