/// Linear layers without windows.
extension LayerSource {
  func dense() throws(Refusal) -> ([Int], LayerFunction) {
    let units = try keys("units").integer
    guard inputs[0].count == 1, units > 0 else { throw malformed("needs a vector and units") }
    let count = inputs[0][0]
    let weight = try parameter("weight", [units, count])
    var map = LinearMap(inputs: count, terms: count)
    for row in 0..<units {
      for column in 0..<count { map.append(column, Double(weight[row * count + column])) }
      map.endRow()
    }
    map.offset = try bias(units, repeated: 1)
    return ([units], .linear(map))
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
    var map = LinearMap(inputs: channels * area, terms: 1)
    for index in 0..<channels * area {
      map.append(index, factors[index / area])
      map.endRow()
    }
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
    guard variances.allSatisfy({ $0 >= 0 }), scales.allSatisfy({ $0 == 0 || $0.isNormal }) else {
      throw malformed("needs variances of at least 0 and normal factors")
    }
    var map = LinearMap(inputs: channels * area, terms: 1)
    (map.slack, map.deviation) = (0x1p-51, 2.5 * Rounded.unit * (1 + 0x1p-20))
    for index in 0..<channels * area {
      let channel = index / area
      let deviation = (Double(variances[channel]) + epsilon).squareRoot()
      map.append(index, Double(scales[channel]) / deviation)
      map.endRow()
    }
    map.before = (0..<channels * area).map { Double(means[$0 / area]) }
    if isAffine {
      let offsets = try parameter("bias", [channels])
      map.offset = (0..<channels * area).map { Double(offsets[$0 / area]) }
    }
    return (shape, .linear(map))
  }
}
