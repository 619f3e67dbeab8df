/// (x − mean)·factor with stored numbers for each channel.
struct Standardize: LinearLayer {
  static let kind = "standardize"
  static let keys: [LayerKey] = []

  let shape: [Int]
  let evaluation: LinearEvaluation

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    let channels = [shape[0]]
    let factors = try layer.parameter("factor", channels)
    var map = layer.scaling(factors.map(Double.init))
    if factors.contains(where: \.isSubnormal) {
      // Execution may read them as 0.
      map.executedLosses = layer.spread(factors.map { $0.isSubnormal ? Double($0.magnitude) : 0 })
    }
    map.subtracted = try layer.parameter("mean", channels, repeated: layer.area)
    evaluation = LinearEvaluation(map)
  }
}
