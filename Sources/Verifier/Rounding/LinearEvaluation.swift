import Enclosure

/// The evaluation of a linear layer in intervals, with what it needs of the matrix.
struct LinearEvaluation: Sendable {
  let map: LinearMap
  let isDiagonal: Bool
  private let packed: PackedMap?
  private let norms: LinearMap.RowNorms
  /// Bounds ‖|A|‖; nil if it is not known.
  private let magnitudes: UpperBound?
  private let subnormals: Double
  /// Whether no coefficient and no offset is negative.
  private let isNonnegative: Bool
  /// Then no sum of an input that is not negative is less: rounding is monotone, so that a sum of such terms is at least
  /// each of them, as it is read.
  private let floors: [Double]

  init(_ map: LinearMap) {
    self.map = map
    isDiagonal = map.isDiagonal
    norms = map.rowNorms
    // Rows of single elements are faster to visit one by one.
    packed = norms.mostElements <= 1 ? nil : PackedMap(map, hasMagnitudes: true)
    magnitudes = norms.mostElements <= 1 ? nil : MagnitudeNorm(map)?.bound
    subnormals = Double(map.coefficients.count { $0 != 0 && $0.magnitude < 0x1p-126 })
    floors = map.offset.map { max(0, $0 - Rounded.underflow) }
    isNonnegative =
      map.subtracted.isEmpty && map.offset.allSatisfy { $0 >= 0 }
      && map.coefficients.allSatisfy { $0 >= 0 }
  }

  /// Σ a x + b for every row.
  ///
  /// The exact sum of n products differs from the computed one by at most γ Σ|a||m|; over the ball it changes
  /// by at most ‖a‖ times the distance of the input. What execution adds is u Σ|a||x| for the products and
  /// γₙ₋₁ times the largest partial sum for the additions.
  ///
  /// - Parameter norm: bounds ‖A‖, so that what the distance adds to the errors may be bounded for all rows together;
  ///   nil if they are needed row by row.
  func apply(_ input: BatchValue, norm: UpperBound?) -> BatchImage {
    let image = BatchImage(count: map.outputs)
    guard map.terms > 0 else {
      copy(input, to: image)
      return image
    }
    if let packed {
      // The products of the middles and of their magnitudes, where the results will be.
      packed.multiply(input.middle, into: image.middle)
      let sizes = Lanes(unfilled: input.count)
      for i in 0..<input.count { sizes.vectors[i] = input.middle.vectors[i].magnitude }
      packed.multiply(sizes, into: image.width, magnitudes: true)
    }
    var largest = LaneVector()
    for i in 0..<input.count {
      largest = .largest(input.middle.vectors[i].magnitude, largest)
    }
    // Numbers of one sign, up to underflow, leave the sign of a term to its coefficient.
    let hasOneSign = map.subtracted.isEmpty && input.isNonnegative
    let joint = norm.flatMap { jointGrowth($0, input.format) }
    if let joint { image.jointError = (joint.value * input.distance).roundedUp }
    // Weights that are subnormal may be read as 0; nothing is lost of those that are 0, however large the ball.
    let lost = subnormals == 0 ? .zero : subnormals * 0x1p-125 * (largest + input.distance + 1)
    for row in 0..<map.outputs {
      let sum = packed == nil ? single(row, input) : product(row, input, image)
      let growth = joint == nil ? sum.step : .zero
      let partNorm = joint == nil ? (hasOneSign ? norms.signed[row] : norms.all[row]) : 0
      finish(row, sum, growth, partNorm, lost, input, image)
    }
    image.isNonnegative = isNonnegative && input.isNonnegative
    image.floors = floors
    return image
  }

  /// A sum of products before it is rounded.
  private struct Sum {
    /// Σ a m and Σ |a||m|.
    let middle: LaneVector
    let size: LaneVector
    /// Bounds the change over the ball.
    let step: LaneVector
    /// Σ |a| e of the errors that the inputs are read with.
    let inherited: LaneVector
    let terms: Double
    /// Whether execution multiplies by 1 or −1 alone.
    var isExactProduct = false
  }

  /// Elements that are moved keep their value, and 0 is put where there is none.
  private func copy(_ input: BatchValue, to image: BatchImage) {
    for row in 0..<map.outputs {
      for part in [image.middle, image.width, image.low, image.high, image.error] {
        part.vectors[row] = .zero
      }
      map.visit(row) { column, _ in
        image.middle.vectors[row] = input.middle.vectors[column]
        image.low.vectors[row] = input.low.vectors[column]
        image.high.vectors[row] = input.high.vectors[column]
        image.error.vectors[row] = LaneVector(repeating: Self.inputError)
      }
    }
    image.isNonnegative = input.isNonnegative
  }

  /// What execution reads has errors of underflow.
  private static let inputError = Rounded.underflow * (1 + 0x1p-40)

  private func product(_ row: Int, _ input: BatchValue, _ image: BatchImage) -> Sum {
    Sum(
      middle: image.middle.vectors[row], size: image.width.vectors[row],
      step: norms.all[row] * input.distance,
      inherited: LaneVector(repeating: norms.sums[row] * Self.inputError),
      terms: norms.counts[row])
  }

  /// A row with at most one element; what is subtracted from it is rounded before.
  private func single(_ row: Int, _ input: BatchValue) -> Sum {
    var sum = Sum(middle: .zero, size: .zero, step: .zero, inherited: .zero, terms: 0)
    map.visit(row) { column, value in
      let mean = map.subtracted.isEmpty ? 0 : map.subtracted[column]
      let middle = input.middle.vectors[column] - mean
      let low = (input.low.vectors[column] - mean).roundedDown
      let high = (input.high.vectors[column] - mean).roundedUp
      let reach = LaneVector.largest(high - middle, middle - low).roundedUp
      var error = LaneVector(repeating: Self.inputError)
      if !map.subtracted.isEmpty {
        let size = LaneVector.largest(high, -low)
        error = .withUnderflow(input.format.unit * size, size)
      }
      let factor = value.magnitude
      sum = Sum(
        middle: value * middle, size: factor * middle.magnitude,
        step: LaneVector.least(norms.all[row] * input.distance, factor * reach),
        inherited: factor * error, terms: 1, isExactProduct: factor == 1)
    }
    return sum
  }

  /// Bounds the norm of what the distance of the input, for 1, adds to the rounding errors of all rows: with s for the
  /// change of the input, Σ|a||x| grows by at most |A||s|, and the larger of the sums of either sign, which is half of
  /// Σ|a||x| + |Σ a x|, by half of |A||s| + |A s|.
  private func jointGrowth(_ norm: UpperBound, _ format: FloatFormat) -> UpperBound? {
    magnitudes.map { magnitudes in
      let (unit, roundings) = (format.unit, UpperBound(proven: format.gamma(map.terms)))
      let additions = UpperBound(proven: format.gamma(additions(terms: norms.mostElements)))
      let coefficients = UpperBound(proven: map.executedCoefficientRoundings * unit)
      let products =
        UpperBound(proven: unit) + (.one + roundings + roundings) * coefficients
        + additions * roundings
      let partial = (magnitudes + min(norm, magnitudes)) * UpperBound(proven: 0.5)
      return products * magnitudes + additions * partial
    }
  }

  /// How many additions make a sum of products; an offset is one more term of several, in any place.
  private func additions(terms: Int) -> Int {
    max(0, terms - 1) + (terms > 1 && !map.offset.isEmpty ? 1 : 0)
  }

  /// - Parameters:
  ///   - growth: of Σ|a||x| over the ball, where it is not bounded for all rows together; `partNorm` times the distance
  ///     bounds that of a partial sum.
  private func finish(
    _ row: Int, _ sum: Sum, _ growth: LaneVector, _ partNorm: Double, _ lost: LaneVector,
    _ input: BatchValue, _ image: BatchImage
  ) {
    let gamma = (sum.terms + 4) * 0x1p-52 + map.coefficientError
    let radius = gamma * sum.size * (1 + 4 * gamma) + (sum.terms + 4) * 0x1p-1070
    let step = sum.step.roundedUp
    let largest = (sum.size + radius + step) * (1 + 4 * gamma)
    let total = (sum.size + radius + growth.roundedUp) * (1 + 4 * gamma)
    // Additions round partial sums, which lie between the sums of the terms of either sign.
    let added = map.offset.isEmpty || sum.terms <= 1 ? 0 : map.offset[row]
    let partial =
      (sum.size + added.magnitude + (sum.middle + added).magnitude) / 2 + radius
      + LaneVector.least(partNorm * input.distance, step).roundedUp + 9 * sum.inherited
    // Zeros that execution adds round nothing.
    let unit = input.format.unit
    let roundings = input.format.gamma(map.terms)
    let additions = input.format.gamma(additions(terms: Int(sum.terms)))
    // Copies are exact.
    let products = map.terms == 0 || sum.isExactProduct ? 0 : unit
    let coefficients = map.executedCoefficientRoundings * unit
    let rounding =
      (products + (1 + 2 * roundings) * coefficients) * (total + sum.inherited)
      + additions * (partial + roundings * (total + sum.inherited + added.magnitude))
    var underflow = Double(map.terms + 1) * 0x1p-124 + lost
    if !map.executedLosses.isEmpty, map.executedLosses[row] > 0 {
      let size = sum.middle.magnitude / norms.all[row] + input.distance
      underflow += map.executedLosses[row] * (1 + 2 * roundings) * size.roundedUp
    }
    var raw =
      (rounding + (1 + roundings) * sum.inherited + underflow) * (1 + 4 * gamma)
    let isBounded =
      map.terms == 0 ? .init(repeating: true) : largest + sum.inherited + added.magnitude .< 0x1p126
    var bound = sum.middle.magnitude + radius + step
    if map.isScaledAfterwards {
      raw += unit * (bound + raw + image.jointError) * (1 + 4 * gamma)
    }
    var error = LaneVector(repeating: .infinity).replacing(
      with: .withUnderflow(raw, bound), where: isBounded)
    var (middle, width) = (sum.middle, radius)
    if !map.offset.isEmpty {
      middle += map.offset[row]
      width += middle.magnitude * 0x1p-52
      bound = (middle.magnitude + width + step).roundedUp
      // As a term of the sum it has been rounded already.
      let last = sum.terms > 1 ? LaneVector.zero : unit * (bound + error)
      error = .withUnderflow(error + last, bound)
    }
    image.middle.vectors[row] = middle
    image.width.vectors[row] = width.roundedUp
    image.low.vectors[row] = (middle - width - step).roundedDown
    image.high.vectors[row] = (middle + width + step).roundedUp
    image.error.vectors[row] = error
  }

  /// Whether plain sums of one sample's products agree with an image, within what both may be off.
  func confirms(_ image: BatchImage, of input: BatchValue, lane: Int) -> Bool {
    map.terms == 0
      || (0..<map.outputs).allSatisfy { row in
        var (sum, size, terms) = (0.0, 0.0, 0.0)
        map.visit(row) { column, value in
          let mean = map.subtracted.isEmpty ? 0 : map.subtracted[column]
          let product = value * (input.middle[column, lane] - mean)
          (sum, size, terms) = (sum + product, size + product.magnitude, terms + 1)
        }
        if !map.offset.isEmpty { sum += map.offset[row] }
        let radius = (terms + 4) * 0x1p-52 * (size + sum.magnitude) + 0x1p-900
        let width = image.width[row, lane]
        // Nothing is claimed of numbers that overflow.
        guard width.isFinite, size.isFinite, sum.isFinite else { return true }
        // The half-width is a multiple of the sum of magnitudes, which is confirmed with it.
        return (image.middle[row, lane] - sum).magnitude <= width + radius
          && width >= (terms + 4) * 0x1p-52 * size * (1 - 0x1p-20)
      }
  }
}
