/// γ(x − μ)/√(σ² + ε) + β with the running statistics of each channel.
struct BatchNorm: LinearLayer {
  static let kind = "batch_norm"
  static let keys =
    Normalization.keys + [LayerKey("momentum", .number(Double.leastNonzeroMagnitude...1))]

  let shape: [Int]
  let evaluation: LinearEvaluation

  /// Execution computes the factor: sum, root, which halves the error of the sum, and quotient.
  private static let executedRoundings = 2.5 * (1 + 0x1p-20)
  /// Sum, root and quotient in Double.
  private static let error = 0x1p-51

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    let channels = [shape[0]]
    let epsilon = try layer.float32("epsilon")
    let isAffine = try layer.keys("affine").flag
    let variances = try layer.parameter("running_var", channels)
    let scales =
      isAffine
      ? try layer.parameter("weight", channels) : Array(repeating: 1, count: channels[0])
    let factors = zip(scales, variances).map { Double($0) / (Double($1) + epsilon).squareRoot() }
    var map = layer.scaling(factors, relativeError: Self.error)
    map.executedCoefficientRoundings = Self.executedRoundings
    if scales.contains(where: \.isSubnormal) {
      // Execution may read γ as 0.
      map.executedLosses = layer.spread(
        zip(scales, factors).map { $0.isSubnormal ? $1.magnitude * (1 + 0x1p-20) : 0 })
    }
    map.subtracted = try layer.parameter("running_mean", channels, repeated: layer.area)
    if isAffine { map.offset = try layer.parameter("bias", channels, repeated: layer.area) }
    evaluation = LinearEvaluation(map)
  }
}
