import Enclosure

/// Numbers within a layer that mixes elements: at the sample, over the ball as executed, and how far they
/// get from those of the sample.
struct Values {
  let sample: [Rounded]
  let ball: [Rounded]
  let travel: UpperBound

  /// A layer's input.
  init(_ input: Ball) {
    let elements = input.low.indices.map(input.element)
    self.init(elements.map(\.sample), elements.map(\.ball), travel: input.travel)
  }

  /// The ranges may say more of the distance than what is known of it.
  private init(_ sample: [Rounded], _ ball: [Rounded], travel: UpperBound = .infinity) {
    (self.sample, self.ball) = (sample, ball)
    let steps = zip(sample, ball).map { max($1.high - $0.low, $0.high - $1.low).nextUp }
    self.travel = min(travel, AccumulatedError.euclideanNorm(steps).upper)
  }

  /// A function of each element.
  func map(_ function: (Rounded) -> Rounded) -> Values {
    Values(sample.map(function), ball.map(function))
  }

  /// A function of each element and a number of its own.
  func with(_ numbers: [Double], _ function: (Rounded, Double) -> Rounded) -> Values {
    Values(zip(sample, numbers).map(function), zip(ball, numbers).map(function))
  }

  /// A function of each element and another one.
  func with(_ other: Values, _ function: (Rounded, Rounded) -> Rounded) -> Values {
    Values(
      zip(sample, other.sample).map(function), zip(ball, other.ball).map(function))
  }

  /// Each group's number in the places of its elements.
  func spread(over groups: [[Int32]]) -> Values {
    let count = groups.reduce(0) { $0 + $1.count }
    var sample = Array(repeating: self.sample[0], count: count)
    var ball = Array(repeating: self.ball[0], count: count)
    for (index, group) in groups.enumerated() {
      for place in group {
        (sample[Int(place)], ball[Int(place)]) = (self.sample[index], self.ball[index])
      }
    }
    return Values(sample, ball)
  }

  /// The largest of each group, which is exact.
  func largest(of groups: [[Int32]]) -> Values {
    func largest(_ elements: [Rounded], _ group: [Int32]) -> Rounded {
      group.dropFirst().reduce(elements[Int(group[0])]) { best, place in
        let other = elements[Int(place)]
        return Rounded(
          low: max(best.low, other.low), high: max(best.high, other.high),
          error: max(best.error, other.error))
      }
    }
    return Values(groups.map { largest(sample, $0) }, groups.map { largest(ball, $0) })
  }

  /// The sum of each group, in any order; execution also adds zeros, up to `terms` numbers.
  ///
  /// Over the ball it moves by at most √n times the distance. Additions round partial sums, which lie
  /// between the sums of the terms of either sign.
  func sums(of groups: [[Int32]], terms: Int) -> Values {
    let gamma = Rounded.gamma(terms)
    var (sums, balls): ([Rounded], [Rounded]) = ([], [])
    for group in groups {
      var (low, high, size, inherited) = (0.0, 0.0, 0.0, 0.0)
      var (least, floor) = (0.0, 0.0)
      for place in group {
        let (element, moved) = (sample[Int(place)], ball[Int(place)])
        low += element.low
        high += element.high
        size += element.magnitude
        inherited += moved.error
        if !(moved.least >= 0) { least = -.infinity }
        if !(moved.low >= 0) { floor = -.infinity }
      }
      let rounding = Double(group.count + 4) * 0x1p-52
      low = (low - rounding * size).nextDown
      high = (high + rounding * size).nextUp
      let reach = (Double(group.count).squareRoot().nextUp * travel.value).nextUp
      let step = ((reach + inherited) * (1 + 4 * rounding)).nextUp
      let total = (size + step) * (1 + 4 * rounding)
      let partial = (size + max(-low, high)) / 2 * (1 + 4 * rounding) + step
      let raw =
        inherited + Rounded.unit * total + gamma * (partial + gamma * total)
        + Double(4 * terms) * 0x1p-126
      let (from, to) = ((low - reach).nextDown, (high + reach).nextUp)
      sums.append(Rounded(low: low, high: high, error: 0))
      balls.append(
        Rounded(
          low: max(from, floor), high: to,
          error: total < 0x1p126
            ? Rounded.finished(raw * (1 + 4 * rounding), max(-from, to)) : .infinity,
          least: least))
    }
    return Values(sums, balls)
  }
}

extension GroupFunction {
  /// What execution makes of a layer's input, step by step as it takes them.
  func callAsFunction(_ x: Values) -> Values {
    switch self {
    case .centred(let groups): return Self.centred(x, groups)
    case .softmax(let groups):
      let largest = x.largest(of: groups).spread(over: groups)
      let powers = x.with(largest) { $0 - $1 }.map(\.exponential)
      let sums = powers.sums(of: groups, terms: groups[0].count)
      return powers.with(sums.spread(over: groups)) { $0 / $1 }
    case .normalised(let groups, let epsilon, let affine):
      let count = Self.exactly(Double(groups[0].count))
      let centred = Self.centred(x, groups)
      let squares = centred.map(\.squared).sums(of: groups, terms: groups[0].count)
      let deviations = squares.map { ($0 / count).plus(epsilon).squareRoot }
      let normal = centred.with(deviations.spread(over: groups)) { $0 / $1 }
      guard let affine else { return normal }
      return normal.with(affine.factors) { $0.scaled($1) }.with(affine.offsets) { $0.plus($1) }
    case .sums(let groups, let terms, let isRoot):
      guard isRoot else {
        return x.map(\.absolute).sums(of: groups, terms: terms)
      }
      return x.map(\.squared).sums(of: groups, terms: terms).map {
        $0.clamped(above: 0x1p-100).squareRoot
      }
    }
  }

  private static func centred(_ x: Values, _ groups: [[Int32]]) -> Values {
    let count = exactly(Double(groups[0].count))
    let means = x.sums(of: groups, terms: groups[0].count).map { $0 / count }
    return x.with(means.spread(over: groups)) { $0 - $1 }
  }

  private static func exactly(_ number: Double) -> Rounded {
    Rounded(low: number, high: number, error: 0)
  }
}
