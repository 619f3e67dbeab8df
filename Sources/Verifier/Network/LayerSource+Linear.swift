/// Linear layers without windows.
extension LayerSource {
  func dense() throws(Refusal) -> ([Int], LayerFunction) {
    let units = try keys("units").integer
    guard inputs[0].count == 1, units > 0 else { throw malformed("needs a vector and units") }
    let count = inputs[0][0]
    let weight = try parameter("weight", [units, count])
    var map = LinearMap(full: weight.map(Double.init), inputs: count)
    map.offset = try bias(units, repeated: 1)
    return ([units], .linear(map))
  }

  /// A factor for each channel.
  private func diagonal(_ factors: [Double], slack: Double = 0, terms: Int) -> LinearMap {
    let shape = inputs[0]
    let image = shape.count == 3 ? shape : [shape[0], 1, shape[1...].reduce(1, *)]
    var map = LinearMap(
      Stencil(factors: factors, relativeError: slack, image), terms: terms)
    map.slack = slack
    return map
  }

  /// One learnt factor.
  func gate() throws(Refusal) -> ([Int], LayerFunction) {
    let factor = Double(try parameter("weight", [1])[0])
    let factors = Array(repeating: factor, count: inputs[0][0])
    return (inputs[0], .linear(diagonal(factors, terms: 1)))
  }

  func diagonal() throws(Refusal) -> ([Int], LayerFunction) {
    let shape = inputs[0]
    let (channels, area) = (shape[0], shape[1...].reduce(1, *))
    func values(_ key: String) throws(Refusal) -> [Double] {
      var values: [Double] = []
      for entry in try keys(key).oneOrMore { values.append(try entry.number) }
      guard values.count == 1 || values.count == channels else {
        throw malformed("needs '\(key)', one number or one a channel")
      }
      return (0..<channels).map { values[values.count == 1 ? 0 : $0] }
    }
    func stored(_ number: Double) -> Double { Double(Float(number)) }
    let isScale = kind == "scale"
    let factors = try values(isScale ? "factor" : "std").map { stored(isScale ? $0 : 1 / $0) }
    var map = diagonal(factors, terms: 1)
    if !isScale {
      let means = try values("mean").map(stored)
      map.before = (0..<channels * area).map { means[$0 / area] }
    }
    return (shape, .linear(map))
  }

  /// γ(x − μ)/√(σ² + ε) + β with the running statistics.
  ///
  /// Execution computes the factor in float32: sum, root, which halves the error of the sum, and quotient.
  func batchNormalization() throws(Refusal) -> ([Int], LayerFunction) {
    let shape = inputs[0]
    let (channels, area) = (shape[0], shape[1...].reduce(1, *))
    let epsilon = Double(Float(try keys("epsilon").number))
    guard epsilon >= 0x1p-126 else { throw malformed("needs a positive 'epsilon'") }
    let isAffine = try keys("affine").flag
    let variances = try parameter("running_var", [channels])
    let means = try parameter("running_mean", [channels])
    let scales =
      isAffine ? try parameter("weight", [channels]) : Array(repeating: 1, count: channels)
    guard scales.allSatisfy({ $0 == 0 || $0.isNormal }) else {
      throw malformed("needs normal factors")
    }
    let factors = zip(scales, variances).map { Double($0) / (Double($1) + epsilon).squareRoot() }
    // Sum, root and quotient in Double.
    var map = diagonal(factors, slack: 0x1p-51, terms: 1)
    map.deviation = 2.5 * Rounded.unit * (1 + 0x1p-20)
    map.before = (0..<channels * area).map { Double(means[$0 / area]) }
    if isAffine {
      let offsets = try parameter("bias", [channels])
      map.offset = (0..<channels * area).map { Double(offsets[$0 / area]) }
    }
    return (shape, .linear(map))
  }
}
