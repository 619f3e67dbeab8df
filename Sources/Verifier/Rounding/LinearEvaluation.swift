import Enclosure

/// The evaluation of a linear layer in intervals, with what it needs of the matrix.
struct LinearEvaluation: Sendable {
  let map: LinearMap
  let isDiagonal: Bool
  private let norms: [Double]
  /// The larger of the norms of each row's positive and negative coefficients.
  private let signedNorms: [Double]
  private let roundings: Double
  /// γ of the additions, one fewer than the terms.
  private let additions: Double
  /// The relative rounding error of a product; copies are exact.
  private let products: Double
  private let subnormals: Double

  init(_ map: LinearMap) {
    self.map = map
    isDiagonal = map.isDiagonal
    norms = map.rowNorms()
    signedNorms = zip(map.rowNorms { $0 > 0 }, map.rowNorms { $0 < 0 }).map(max)
    roundings = Rounded.gamma(map.terms)
    additions = Rounded.gamma(max(0, map.terms - 1))
    products = map.terms == 0 ? 0 : Rounded.unit
    subnormals = Double(map.coefficients.count { $0.magnitude < 0x1p-126 })
  }

  /// Σ a x + b for every row.
  ///
  /// The exact sum of n products differs from the computed one by at most
  /// γ Σ|a||m| and Σ|a|r for operands with midpoints m and half-widths r; over the ball it changes by at
  /// most ‖a‖ times the distance of the input, and at most Σ|a| times the half-widths of the elements over
  /// the ball. What float32 adds is u Σ|a||x| for the products and γₙ₋₁ times the largest partial sum
  /// for the additions.
  func apply(_ input: Ball) -> LayerImage {
    let count = map.inputs
    var middles = Array(repeating: 0.0, count: count)
    var (widths, reaches) = (middles, middles)
    // What execution reads has errors of underflow, and of the subtraction before.
    var inputErrors = Array(repeating: Rounded.underflow * (1 + 0x1p-40), count: count)
    var largest = 0.0
    for i in 0..<count {
      var (low, high) = (input.sampleLow[i], input.sampleHigh[i])
      var (ballLow, ballHigh) = (input.ballLow[i], input.ballHigh[i])
      if !map.subtracted.isEmpty {
        let mean = map.subtracted[i]
        (low, high) = ((low - mean).nextDown, (high - mean).nextUp)
        (ballLow, ballHigh) = ((ballLow - mean).nextDown, (ballHigh - mean).nextUp)
        let size = min((max(-low, high) + input.distance.value).nextUp, max(-ballLow, ballHigh))
        inputErrors[i] = Rounded.withUnderflow(Rounded.unit * size, size)
      }
      middles[i] = (low + high) / 2
      widths[i] = max(high - middles[i], middles[i] - low).nextUp
      reaches[i] = max(ballHigh - middles[i], middles[i] - ballLow).nextUp
      largest = max(largest, middles[i].magnitude + widths[i])
    }
    var image = LayerImage(count: map.outputs)
    let distance = input.distance.value
    // Numbers of one sign, up to underflow, leave the sign of a term to its coefficient.
    let hasOneSign =
      map.subtracted.isEmpty && zip(input.ballLow, inputErrors).allSatisfy { $0 >= -8 * $1 }
    let partNorms = hasOneSign ? signedNorms : norms
    // Weights that are subnormal may be read as 0.
    let lost = (subnormals + 1) * 0x1p-125 * (largest + distance + 1)
    for index in 0..<map.outputs {
      var (sum, size, width, inherited, change, count) = (0.0, 0.0, 0.0, 0.0, 0.0, 4)
      map.visit(index) { column, value in
        let product = value * middles[column]
        sum += product
        size += product.magnitude
        width += value.magnitude * widths[column]
        inherited += value.magnitude * inputErrors[column]
        change += value.magnitude * reaches[column]
        count += 1
      }
      let terms = Double(count)
      let gamma = terms * 0x1p-52 + map.coefficientError
      let radius = (width + gamma * size) * (1 + 4 * gamma) + terms * 0x1p-1070
      change = change * (1 + 4 * gamma) + terms * 0x1p-1070
      let step = min(norms[index] * distance, change).nextUp
      let total = (size + width + step) * (1 + 4 * gamma)
      // Additions round partial sums, which lie between the sums of the terms of either sign.
      let partial =
        (size + sum.magnitude) / 2 + radius + width
        + min(partNorms[index] * distance, change).nextUp
        + 9 * inherited
      let rounding =
        (products + (1 + 2 * roundings) * map.executedCoefficientError) * (total + inherited)
        + additions * (partial + roundings * (total + inherited))
      let raw =
        (rounding + (1 + roundings) * inherited + Double(map.terms) * 0x1p-124 + lost)
        * (1 + 4 * gamma)
      let bound = sum.magnitude + radius + step
      let isBounded = map.terms == 0 || total + inherited < 0x1p126
      var ball = Rounded(
        low: (sum - radius - step).nextDown, high: (sum + radius + step).nextUp,
        error: isBounded ? Rounded.withUnderflow(raw, bound) : .infinity)
      var sample = Rounded(low: (sum - radius).nextDown, high: (sum + radius).nextUp, error: 0)
      if !map.offset.isEmpty {
        let offset = Rounded(exactly: map.offset[index])
        (ball, sample) = (ball + offset, sample + offset)
      }
      image.set(index, sample: sample, ball: ball)
    }
    return image
  }
}
