import Enclosure
import Foundation
import TensorGraph
import Testing

@testable import Verifier

/// Float32 arithmetic stays within the errors that the checker's own rules give.
@Suite struct RoundedTests {
  /// With one channel, `abs` is the same function of every element too.
  private static let kinds =
    Layers.all.filter { $0 is any ActivationLayer.Type }.map { $0.kind } + [Abs.kind]

  /// A layer of one channel with some keys.
  private static func layer(_ kind: String, _ text: String) throws -> any CheckedLayer {
    let type = try #require(Layers.all.first { $0.kind == kind })
    return try type.init(description(kind, text, shape: [1]))
  }

  private static func description(
    _ kind: String, _ text: String, shape: [Int], weights: [String: TensorFile.Tensor] = [:]
  ) throws -> LayerDescription {
    LayerDescription(
      name: "layer", kind: kind, keys: try EntryReader.read(Array(text.utf8)[...], file: "spec"),
      inputs: [shape], weights: weights, mostElements: 1 << 20)
  }

  private static func arguments(_ count: Int) -> [Float] {
    let stream = CounterRandom.stream(seed: 3, "arguments")
    return (0..<count).map { index in
      let bits = CounterRandom.bits(stream: stream, counter: 0, index: UInt64(index))
      return Float(Int64(bitPattern: bits) >> 40) * 0x1p-20
    }
  }

  /// Images of points and of intervals around them, and slopes between points.
  @Test(arguments: kinds) func functionsAreEnclosed(_ kind: String) throws {
    let layer = try Self.layer(kind, "{lowest: -0.5, highest: 0.75, slope: 0.3, alpha: 1.7}")
    let function = try #require(layer as? any ElementwiseLayer)
    let points = Self.arguments(400).sorted().map(Double.init)
    let images = points.map { function.value(Rounded(low: $0, high: $0, error: 0), at: 0) }
    for (x, image) in zip(points, images) {
      #expect(image.low <= image.high && image.high - image.low <= 1e-12 * (1 + abs(x)))
      #expect(image.error.isFinite && image.error <= 1e-5 * (1 + abs(x)))
      let wide = function.value(Rounded(low: x - 0.25, high: x + 0.25, error: 0), at: 0)
      #expect(wide.low <= image.low && image.high <= wide.high && wide.error >= image.error * 0.5)
    }
    for ((x, a), (y, b)) in zip(zip(points, images), zip(points, images).dropFirst()) where y > x {
      let (step, room) = (y - x, 1e-9 * (y - x))
      #expect(b.low - a.high <= function.slopes.upperBound * step + room)
      #expect(b.high - a.low >= function.slopes.lowerBound * step - room)
    }
  }

  @Test func missingKeysAreRefused() throws {
    #expect(!Self.kinds.contains("warp") && Self.kinds.count >= 13)
    #expect(throws: Refusal.self) { try Self.layer("leaky_relu", "{}") }
  }

  /// Layers of groups, executed in float32 one operation after the other.
  @Test func groupsAreCovered() throws {
    let groups: [[Int32]] = [[0, 1, 2, 3], [4, 5, 6, 7]]
    func layer(_ kind: String, _ keys: String, _ shape: [Int]) throws -> any GroupLayer {
      let type = try #require(Layers.all.first { $0.kind == kind })
      return try #require(
        try type.init(Self.description(kind, keys, shape: shape)) as? any GroupLayer)
    }
    let center = try layer("center", "{over: positions}", [2, 2, 2])
    let softmax = try layer("softmax", "{}", [4, 2])
    let norm = try layer("instance_norm", "{epsilon: 0.25, affine: false}", [2, 2, 2])
    let pools = try (1...2).map {
      try layer("lp_pool", "{kernel: 2, stride: kernel, padding: 0, p: \($0)}", [2, 2, 2])
    }
    for start in stride(from: 0, to: 200, by: 8) {
      let x = Array(Self.arguments(208)[start..<start + 8])
      let ball = GroupValues(Ball(sample: x[...], radius: UpperBound(proven: 0x1p-30)))
      func check(
        _ layer: any GroupLayer, _ groups: [[Int32]] = groups, _ executed: ([Float]) -> [Float]
      ) {
        let values = layer.values(ball)
        for (g, group) in groups.enumerated() {
          for (k, number) in executed(group.map { x[Int($0)] }).enumerated() {
            let at = values.ball.count == 8 ? Int(group[k]) : g
            let (range, sample) = (values.ball[at].executed, values.sample[at])
            #expect(range.low <= Double(number) && Double(number) <= range.high)
            #expect(range.high - range.low <= 1e-3 && sample.high - sample.low <= 1e-9)
          }
        }
      }
      func centered(_ x: [Float]) -> [Float] { x.map { $0 - x.reduce(0, +) / 4 } }
      check(center) { centered($0) }
      check(softmax, [[0, 2, 4, 6], [1, 3, 5, 7]]) { x in
        let powers = x.map { exp($0 - (x.max() ?? 0)) }
        return powers.map { $0 / powers.reduce(0, +) }
      }
      check(norm) { x in
        let c = centered(x)
        return c.map { $0 / (c.reduce(0) { $0 + $1 * $1 } / 4 + 0.25).squareRoot() }
      }
      check(pools[1]) { x in [x.reduce(0) { $0 + $1 * $1 }.squareRoot()] }
      check(pools[0]) { x in [x.reduce(0) { $0 + abs($1) }] }
    }
  }

  /// A value at a sample and over a ball, sixteen times.
  static func value(_ middle: [Float], radius: Double, isNonnegative: Bool) -> BatchValue {
    func lanes(_ numbers: [Double]) -> Lanes {
      let lanes = Lanes(unfilled: numbers.count)
      for (i, number) in numbers.enumerated() { lanes.vectors[i] = LaneVector(repeating: number) }
      return lanes
    }
    let numbers = middle.map(Double.init)
    return BatchValue(
      middle: lanes(numbers), low: lanes(numbers.map { $0 - radius }),
      high: lanes(numbers.map { $0 + radius }), distance: LaneVector(repeating: radius),
      isNonnegative: isNonnegative, format: .float32)
  }

  /// Products of a matrix and of operands anywhere in a ball, added in either order; the errors of all rows together
  /// may be bounded in norm.
  @Test(arguments: [nil, UpperBound(proven: 64)]) func productsAreCovered(_ norm: UpperBound?) {
    let (rows, columns) = (3, 40)
    let coefficients = Self.arguments(rows * columns).map { $0 * 0.37 }
    let evaluation = LinearEvaluation(
      LinearMap(full: coefficients.map(Double.init), inputs: columns))
    let middle = Self.arguments(columns).map(abs)
    for (radius, isPositive) in [(0, false), (0.5, false), (0.5, true), (64, false), (64, true)] {
      let image = evaluation.apply(
        Self.value(middle, radius: radius, isNonnegative: isPositive), norm: norm)
      #expect((norm == nil) == (image.jointError[0] == 0))
      for (seed, row) in (0..<8 * rows).map({ ($0 / rows, $0 % rows) }) {
        // Coordinates at most radius/√n away, so the points lie in the ball.
        let x = middle.enumerated().map { index, m in
          let sign: Float = (index * 7 + seed) % 3 == 0 ? -1 : 1
          let moved = m + sign * Float(radius / Double(columns).squareRoot()) * 0.99
          return isPositive ? abs(moved) : moved
        }
        let products = (0..<columns).map { coefficients[row * columns + $0] * x[$0] }
        let error = image.error[row, 0] + image.jointError[0]
        let range = (image.low[row, 0] - error)...(image.high[row, 0] + error)
        for sum in [products.reduce(0, +), products.reversed().reduce(0, +)] {
          #expect(range.contains(Double(sum)))
        }
        #expect(error <= 1e-3 * (1 + radius))
      }
    }
  }

  /// An engine may begin with the offset: beside 2¹⁰ nothing is left of any product.
  @Test func anOffsetMayBeTheFirstTerm() {
    let product = Float(0.75 * 0x1p-14)
    let executed = (0..<64).reduce(Float(0x1p10)) { sum, _ in sum + product }
    let lost = 64 * Double(product) + 0x1p10 - Double(executed)
    #expect(lost == 64 * Double(product))
    var map = LinearMap(full: Array(repeating: 1, count: 64), inputs: 64)
    map.offset = [0x1p10]
    let x = Self.value(Array(repeating: product, count: 64), radius: 0, isNonnegative: false)
    let error = LinearEvaluation(map).apply(x, norm: nil).error[0, 0]
    #expect(error >= lost && error < 3 * lost)
  }

  /// A term has the sign of its coefficient where no operand is negative, so partial sums grow less.
  @Test func operandsOfOneSignRoundLess() {
    let evaluation = LinearEvaluation(
      LinearMap(full: (0..<64).map { $0 % 2 == 0 ? 1 : -1 }, inputs: 64))
    func error(_ isPositive: Bool) -> Double {
      evaluation.apply(
        Self.value(Array(repeating: 1, count: 64), radius: 0.99, isNonnegative: isPositive),
        norm: nil
      ).error[0, 0]
    }
    #expect(error(true) < 0.98 * error(false))
    #expect(error(true) > 0.9 * error(false))
  }

  /// All rows together round less than each by itself: ‖|A|‖ = 4 and ‖A‖ = 2, but every row has the norm 2.
  @Test func rowsTogetherRoundLess() {
    let evaluation = LinearEvaluation(
      LinearMap(full: [1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1], inputs: 4))
    let zero = Self.value([0, 0, 0, 0], radius: 1, isNonnegative: false)
    let alone = evaluation.apply(zero, norm: nil)
    let together = evaluation.apply(zero, norm: UpperBound(proven: 2))
    let (unit, additions) = (0x1p-24, FloatFormat.float32.gamma(3))
    let expected = additions * 3 + unit * 4
    #expect(together.jointError[0] >= expected && together.jointError[0] < expected * 1.001)
    #expect(together.error.norm[0] < 1e-30)
    #expect(abs(alone.error.norm[0] - (additions * 4 + unit * 4)) < 1e-3 * expected)
  }

  /// x − 2·Mᵀσ(M x + b) with M = [1, w] and x = (0, x₁): the rounding of w·x₁ is all that reaches the first element, which
  /// is next to 0 and rounds nothing itself.
  @Test func errorsInsideAStepReachItsOutput() throws {
    let (x, w) = (Float(1 + 1_398_101 * 0x1p-23), Float(1 + 3 * 0x1p-23))
    let b = 0x1p-22 - w * x
    let weights = [
      "layer.weight": TensorFile.Tensor(shape: [1, 2], elements: [1, w]),
      "layer.bias": TensorFile.Tensor(shape: [1], elements: [b]),
    ]
    let layer = try CPL(Self.description("cpl", "{units: 1}", shape: [2], weights: weights))
    let image = layer.image(
      of: [Self.value([0, x], radius: 0, isNonnegative: false)],
      constant: UpperBound(proven: 3.001), splitsErrors: true)
    let error = abs(Double(w * x + b) - (Double(w) * Double(x) + Double(b))) * 2
    #expect(error > 1000 * image.error[0, 0])
    #expect(error <= image.jointError[0] && image.jointError[0] < 100 * error)
  }

  /// `abs` takes a share of the channels, up to rounding: 0.07 of 100 are seven.
  @Test(arguments: [
    (0, 4, 0), (0.2, 4, 1), (0.25, 4, 1), (0.3, 4, 2), (0.5, 4, 2), (0.75, 4, 3), (1, 4, 4),
    (0.07, 100, 7), (0.29, 100, 29), (0.1, 30, 3), (1e-9, 4, 1),
  ])
  func sharesOfChannelsAreCounted(_ share: Double, _ channels: Int, _ folded: Int) throws {
    let layer = try Abs(
      Self.description(Abs.kind, "{share: \(share)}", shape: [channels, 2]))
    let signs = (0..<2 * channels).map { layer.value(Rounded(exactly: -1), at: $0).low }
    #expect(signs == (0..<2 * channels).map { $0 < 2 * folded ? 1 : -1 })
  }

  /// Sums and products of float32 numbers.
  @Test func arithmeticIsCovered() {
    let numbers = Self.arguments(200)
    for (a, b) in zip(numbers, numbers.dropFirst()) {
      let (x, y) = (
        Rounded(low: Double(a), high: Double(a), error: 0),
        Rounded(low: Double(b), high: Double(b), error: 0)
      )
      let results = [
        (x + y, a + b), (x * y, a * b), ((x * y + x) * y, (a * b + a) * b),
      ]
      for (bound, executed) in results {
        #expect(bound.executed.low <= Double(executed) && Double(executed) <= bound.executed.high)
        #expect(bound.error <= 1e-5 * (1 + bound.magnitude))
      }
    }
    let huge = Rounded(low: 0x1p100, high: 0x1p100, error: 0)
    #expect((huge * huge).error == .infinity)
  }

  /// The checker's errors are at most twice what execution loses, so half of one would be too little.
  @Test func halfAnErrorIsTooLittle() {
    let (one, half) = (Float(1), Float(0x1p-24))
    let sum = Rounded(low: 1, high: 1, error: 0) + Rounded(low: 0x1p-24, high: 0x1p-24, error: 0)
    #expect(one + half == 1 && sum.error < 2 * 0x1p-24 && sum.error > 0x1p-24)
    let factor = Float(1 + 0x1p-12 + 0x1p-23)
    let exact = Double(factor) * Double(factor)
    let square = Rounded(low: Double(factor), high: Double(factor), error: 0)
    let lost = abs(Double(factor * factor) - exact)
    #expect((square * square).error >= lost)
    #expect((square * square).error < 2 * lost, "\((square * square).error) for \(lost)")
  }
}
