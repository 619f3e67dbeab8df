/// The mean of each window of an image.
struct AvgPool: LinearLayer {
  static let kind = "avg_pool"
  static let keys = Pooling.keys

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    let window = try Pooling.window(layer)
    shape = [window.channels] + window.outputShape
    evaluation = LinearEvaluation(try Pooling.mean(layer, window))
  }
}
