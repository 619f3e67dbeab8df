import Enclosure
import Foundation
import TensorGraph
import Testing

@testable import Verifier

/// Float32 arithmetic stays within the errors that the checker's own rules give.
@Suite struct RoundedTests {
  private static let kinds = [
    "relu", "abs", "tanh", "sigmoid", "softplus", "gelu", "silu", "mish", "hard_sigmoid",
    "hard_tanh", "leaky_relu", "elu", "selu",
  ]

  private static func keys(_ text: String) throws -> Entry {
    try EntryReader.read(Array(text.utf8)[...], file: "spec")
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
    let function = try #require(
      try Pointwise(
        kind, Self.keys("{lowest: -0.5, highest: 0.75, slope: 0.3, alpha: 1.7}")))
    let points = Self.arguments(400).sorted().map(Double.init)
    let images = points.map { function(Rounded(low: $0, high: $0, error: 0)) }
    for (x, image) in zip(points, images) {
      #expect(image.low <= image.high && image.high - image.low <= 1e-12 * (1 + abs(x)))
      #expect(image.error.isFinite && image.error <= 1e-5 * (1 + abs(x)))
      let wide = function(Rounded(low: x - 0.25, high: x + 0.25, error: 0))
      #expect(wide.low <= image.low && image.high <= wide.high && wide.error >= image.error * 0.5)
    }
    for ((x, a), (y, b)) in zip(zip(points, images), zip(points, images).dropFirst()) where y > x {
      let (step, room) = (y - x, 1e-9 * (y - x))
      #expect(b.low - a.high <= function.highest * step + room)
      #expect(b.high - a.low >= function.lowest * step - room)
    }
  }

  @Test func unknownKindsHaveNoFunction() throws {
    #expect(try Pointwise("warp", Self.keys("{}")) == nil)
    #expect(throws: Refusal.self) { try Pointwise("leaky_relu", Self.keys("{}")) }
  }

  /// Layers of groups, executed in float32 one operation after the other.
  @Test func groupsAreCovered() {
    let groups: [[Int32]] = [[0, 2, 4, 6], [1, 3, 5, 7]]
    for start in stride(from: 0, to: 200, by: 8) {
      let x = Array(Self.arguments(208)[start..<start + 8])
      let ball = Values(Ball(sample: x[...], radius: UpperBound(proven: 0x1p-30)))
      func check(_ function: GroupFunction, _ executed: ([Float]) -> [Float]) {
        let values = function(ball)
        for (g, group) in groups.enumerated() {
          for (k, number) in executed(group.map { x[Int($0)] }).enumerated() {
            let at = values.ball.count == 8 ? Int(group[k]) : g
            let (range, sample) = (values.ball[at].executed, values.sample[at])
            #expect(range.low <= Double(number) && Double(number) <= range.high)
            #expect(range.high - range.low <= 1e-3 && sample.high - sample.low <= 1e-9)
          }
        }
      }
      func centred(_ x: [Float]) -> [Float] { x.map { $0 - x.reduce(0, +) / 4 } }
      check(.centred(groups), centred)
      check(.softmax(groups)) { x in
        let powers = x.map { exp($0 - (x.max() ?? 0)) }
        return powers.map { $0 / powers.reduce(0, +) }
      }
      check(.normalised(groups, epsilon: 0.25, affine: nil)) { x in
        let c = centred(x)
        return c.map { $0 / (c.reduce(0) { $0 + $1 * $1 } / 4 + 0.25).squareRoot() }
      }
      check(.sums(groups, terms: 4, isRoot: true)) { x in
        [x.reduce(0) { $0 + $1 * $1 }.squareRoot()]
      }
      check(.sums(groups, terms: 4, isRoot: false)) { x in [x.reduce(0) { $0 + abs($1) }] }
    }
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
