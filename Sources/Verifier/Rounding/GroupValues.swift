import Enclosure

/// Intermediate values of a layer that mixes elements: at the sample, over the ball as executed, and a bound
/// on their distance from those at the sample.
struct GroupValues {
  let sample: [Rounded]
  let ball: [Rounded]
  let distance: UpperBound

  /// A layer's input.
  init(_ input: Ball) {
    let elements = input.middle.indices.map(input.element)
    self.init(elements.map(\.sample), elements.map(\.ball), distance: input.distance)
  }

  /// The ranges may bound the distance better than what is known of it.
  private init(_ sample: [Rounded], _ ball: [Rounded], distance: UpperBound = .infinity) {
    (self.sample, self.ball) = (sample, ball)
    let steps = zip(sample, ball).map { max($1.high - $0.low, $0.high - $1.low).nextUp }
    self.distance = min(distance, AccumulatedError.euclideanNorm(steps).upper)
  }

  /// That of the elements.
  var format: FloatFormat { ball.reduce(ball[0].format) { .coarser($0, $1.format) } }

  /// A function of each element.
  func map(_ function: (Rounded) -> Rounded) -> GroupValues {
    GroupValues(sample.map(function), ball.map(function))
  }

  /// A function of each element and a number of its own.
  func with(_ numbers: [Double], _ function: (Rounded, Double) -> Rounded) -> GroupValues {
    GroupValues(zip(sample, numbers).map(function), zip(ball, numbers).map(function))
  }

  /// A function of each element and another one.
  func with(_ other: GroupValues, _ function: (Rounded, Rounded) -> Rounded) -> GroupValues {
    GroupValues(
      zip(sample, other.sample).map(function), zip(ball, other.ball).map(function))
  }

  /// Each group's number in the places of its elements.
  func spread(over groups: [[Int32]]) -> GroupValues {
    let count = groups.reduce(0) { $0 + $1.count }
    var sample = Array(repeating: self.sample[0], count: count)
    var ball = Array(repeating: self.ball[0], count: count)
    for (index, group) in groups.enumerated() {
      for place in group {
        (sample[Int(place)], ball[Int(place)]) = (self.sample[index], self.ball[index])
      }
    }
    return GroupValues(sample, ball)
  }

  /// The largest of each group, which is exact.
  func largest(of groups: [[Int32]]) -> GroupValues {
    func largest(_ elements: [Rounded], _ group: [Int32]) -> Rounded {
      group.dropFirst().reduce(elements[Int(group[0])]) { best, place in
        let other = elements[Int(place)]
        return Rounded(
          low: max(best.low, other.low), high: max(best.high, other.high),
          error: max(best.error, other.error), format: .coarser(best.format, other.format))
      }
    }
    return GroupValues(groups.map { largest(sample, $0) }, groups.map { largest(ball, $0) })
  }

  /// The sum of each group, in any order; execution also adds zeros, up to `terms` numbers.
  ///
  /// Over the ball it changes by at most √n times the distance. Additions round partial sums, which lie
  /// between the sums of the terms of either sign.
  func sums(of groups: [[Int32]], terms: Int) -> GroupValues {
    let format = format
    let gamma = format.gamma(terms)
    var (sums, balls): ([Rounded], [Rounded]) = ([], [])
    for group in groups {
      var (low, high, size, inherited) = (0.0, 0.0, 0.0, 0.0)
      var (lowerLimit, floor) = (0.0, 0.0)
      for place in group {
        let (element, overBall) = (sample[Int(place)], ball[Int(place)])
        low += element.low
        high += element.high
        size += element.magnitude
        inherited += overBall.error
        if !(overBall.lowerLimit >= 0) { lowerLimit = -.infinity }
        if !(overBall.low >= 0) { floor = -.infinity }
      }
      let rounding = Double(group.count + 4) * 0x1p-52
      low = (low - rounding * size).nextDown
      high = (high + rounding * size).nextUp
      let reach = (Double(group.count).squareRoot().nextUp * distance.value).nextUp
      let step = ((reach + inherited) * (1 + 4 * rounding)).nextUp
      let total = (size + step) * (1 + 4 * rounding)
      let partial = (size + max(-low, high)) / 2 * (1 + 4 * rounding) + step
      let raw =
        inherited + format.unit * total + gamma * (partial + gamma * total)
        + Double(4 * terms) * 0x1p-126
      let (from, to) = ((low - reach).nextDown, (high + reach).nextUp)
      sums.append(Rounded(low: low, high: high, error: 0, format: format))
      balls.append(
        Rounded(
          low: max(from, floor), high: to,
          error: total < 0x1p126
            ? Rounded.withUnderflow(raw * (1 + 4 * rounding), max(-from, to)) : .infinity,
          lowerLimit: lowerLimit, format: format))
    }
    return GroupValues(sums, balls)
  }

  /// Σ a x for each row of a matrix with exact coefficients.
  ///
  /// Over the ball it changes by at most ‖a‖ times the distance. Execution rounds each product and each partial
  /// sum, which lies between the sums of the terms of either sign, and may read subnormal coefficients as 0.
  func products(with map: LinearMap) -> GroupValues {
    let (format, norms) = (format, map.rowNorms)
    var (sums, balls): ([Rounded], [Rounded]) = ([], [])
    for row in 0..<map.outputs {
      let sum = terms(row, of: map)
      let rounding = Double(map.terms + 4) * 0x1p-52
      let radius = rounding * sum.size * (1 + 4 * rounding) + Double(map.terms + 4) * 0x1p-1070
      let (low, high) = ((sum.low - radius).nextDown, (sum.high + radius).nextUp)
      let reach = (norms.all[row] * distance.value).nextUp
      let step = ((reach + sum.inherited) * (1 + 4 * rounding)).nextUp
      let total = (sum.size + radius + step) * (1 + 4 * rounding)
      let partial = (sum.size + max(-low, high)) / 2 * (1 + 4 * rounding) + step
      let gamma = format.gamma(map.terms)
      let raw =
        sum.inherited + format.unit * total + gamma * (partial + gamma * total)
        + Double(4 * map.terms) * 0x1p-126
      let (from, to) = ((low - reach).nextDown, (high + reach).nextUp)
      sums.append(Rounded(low: low, high: high, error: 0, format: format))
      balls.append(
        Rounded(
          low: from, high: to,
          error: total < 0x1p126
            ? Rounded.withUnderflow(raw * (1 + 4 * rounding), max(-from, to)) : .infinity,
          format: format))
    }
    return GroupValues(sums, balls)
  }

  /// The sums of a row's products at the sample and of their magnitudes, and what errors become in them.
  private func terms(
    _ row: Int, of map: LinearMap
  ) -> (low: Double, high: Double, size: Double, inherited: Double) {
    var (low, high, size, inherited) = (0.0, 0.0, 0.0, 0.0)
    map.visit(row) { column, factor in
      let element = sample[column]
      low += factor * (factor < 0 ? element.high : element.low)
      high += factor * (factor < 0 ? element.low : element.high)
      size += factor.magnitude * element.magnitude
      inherited += factor.magnitude * ball[column].error
      if factor != 0, factor.magnitude < 0x1p-124 {
        inherited += 0x1p-123 * (element.magnitude + distance.value + 1)
      }
    }
    return (low, high, size, inherited)
  }

  /// Less the mean of each group.
  func centered(_ groups: [[Int32]]) -> GroupValues {
    let count = Rounded(exactly: Double(groups[0].count), format)
    let means = sums(of: groups, terms: groups[0].count).map { $0 / count }
    return with(means.spread(over: groups)) { $0 - $1 }
  }
}
