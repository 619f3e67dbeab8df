import Enclosure

/// A linear layer with what its evaluation needs of its matrix.
struct LinearImage: Sendable {
  private let map: LinearMap
  private let norms: [Double]
  /// The larger of the norms of each row's positive and negative coefficients.
  private let signedNorms: [Double]
  private let roundings: Double
  /// γ of the additions; the first term is added to nothing.
  private let additions: Double
  /// What the rounding of a product is of it; copies round nothing.
  private let products: Double
  private let subnormals: Double

  /// Prepares a layer.
  init(_ map: LinearMap) {
    self.map = map
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
  /// γ Σ|a||m| and Σ|a|r for operands with midpoints m and half-widths r; over the ball it moves by at
  /// most ‖a‖ times the distance that the input has travelled, and at most Σ|a| times the ways of the
  /// elements. What float32 adds is u Σ|a||x| for the products and γₙ₋₁ times the largest partial sum
  /// for the additions.
  func apply(_ input: Ball) -> LayerImage {
    let count = map.inputs
    var middles = Array(repeating: 0.0, count: count)
    var (widths, ways) = (middles, middles)
    // What execution reads may be off by underflow, and by the subtraction before.
    var reads = Array(repeating: Rounded.floor * (1 + 0x1p-40), count: count)
    var largest = 0.0
    for i in 0..<count {
      var (low, high) = (input.low[i], input.high[i])
      var (least, most) = (input.least[i], input.most[i])
      if !map.before.isEmpty {
        let mean = map.before[i]
        (low, high) = ((low - mean).nextDown, (high - mean).nextUp)
        (least, most) = ((least - mean).nextDown, (most - mean).nextUp)
        let size = min((max(-low, high) + input.travel.value).nextUp, max(-least, most))
        reads[i] = Rounded.finished(Rounded.unit * size, size)
      }
      middles[i] = (low + high) / 2
      widths[i] = max(high - middles[i], middles[i] - low).nextUp
      ways[i] = max(most - middles[i], middles[i] - least).nextUp
      largest = max(largest, middles[i].magnitude + widths[i])
    }
    var image = LayerImage(count: map.outputs)
    let travel = input.travel.value
    // Numbers of one sign, up to underflow, leave the sign of a term to its coefficient.
    let hasOneSign = map.before.isEmpty && zip(input.least, reads).allSatisfy { $0 >= -8 * $1 }
    let partNorms = hasOneSign ? signedNorms : norms
    // Weights that are subnormal may be read as 0.
    let lost = (subnormals + 1) * 0x1p-125 * (largest + travel + 1)
    for index in 0..<map.outputs {
      var (sum, size, width, read, moved, count) = (0.0, 0.0, 0.0, 0.0, 0.0, 4)
      map.visit(index) { column, value in
        let product = value * middles[column]
        sum += product
        size += product.magnitude
        width += value.magnitude * widths[column]
        read += value.magnitude * reads[column]
        moved += value.magnitude * ways[column]
        count += 1
      }
      let terms = Double(count)
      let gamma = terms * 0x1p-52 + map.slack
      let radius = (width + gamma * size) * (1 + 4 * gamma) + terms * 0x1p-1070
      moved = moved * (1 + 4 * gamma) + terms * 0x1p-1070
      let step = min(norms[index] * travel, moved).nextUp
      let total = (size + width + step) * (1 + 4 * gamma)
      // Additions round partial sums, which lie between the sums of the terms of either sign.
      let partial =
        (size + sum.magnitude) / 2 + radius + width + min(partNorms[index] * travel, moved).nextUp
        + 9 * read
      let rounding =
        (products + (1 + 2 * roundings) * map.deviation) * (total + read)
        + additions * (partial + roundings * (total + read))
      let raw =
        (rounding + (1 + roundings) * read + Double(map.terms) * 0x1p-124 + lost)
        * (1 + 4 * gamma)
      let bound = sum.magnitude + radius + step
      let isBounded = map.terms == 0 || total + read < 0x1p126
      var ball = Rounded(
        low: (sum - radius - step).nextDown, high: (sum + radius + step).nextUp,
        error: isBounded ? Rounded.finished(raw, bound) : .infinity)
      var sample = Rounded(low: (sum - radius).nextDown, high: (sum + radius).nextUp, error: 0)
      if !map.offset.isEmpty {
        let offset = Rounded(low: map.offset[index], high: map.offset[index], error: 0)
        (ball, sample) = (ball + offset, sample + offset)
      }
      image.set(index, sample: sample, ball: ball)
    }
    return image
  }
}
