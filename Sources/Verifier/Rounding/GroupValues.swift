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

  private init(_ elements: [(sample: Rounded, ball: Rounded)]) {
    self.init(elements.map(\.sample), elements.map(\.ball))
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
  /// Over the ball it changes by at most √n times the distance.
  func sums(of groups: [[Int32]], terms: Int) -> GroupValues {
    let format = format
    return GroupValues(
      groups.map { group in
        var sum = RoundedSum(format)
        for place in group { sum.add(sample[Int(place)], ball[Int(place)]) }
        let reach = (Double(group.count).squareRoot().nextUp * distance.value).nextUp
        return sum.rounded(reach: reach, terms: terms)
      })
  }

  /// Less the mean of each group.
  func centered(_ groups: [[Int32]]) -> GroupValues {
    let count = Rounded(exactly: Double(groups[0].count), format)
    let means = sums(of: groups, terms: groups[0].count).map { $0 / count }
    return with(means.spread(over: groups)) { $0 - $1 }
  }
}
