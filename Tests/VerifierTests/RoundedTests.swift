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
    _ kind: String, _ text: String, shape: [Int]
  ) throws -> LayerDescription {
    LayerDescription(
      name: "layer", kind: kind, keys: try EntryReader.read(Array(text.utf8)[...], file: "spec"),
      inputs: [shape], weights: [:], mostElements: 1 << 20)
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
