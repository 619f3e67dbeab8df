import Enclosure
import TensorGraph
import Testing

@testable import Verifier

/// Norms are refused below what a vector reaches and accepted a hair above it.
@Suite struct NormCheckTests {
  private static let shapes = [(1, 1), (3, 5), (12, 7), (30, 30), (2, 40)]

  private static func numbers(_ count: Int, seed: UInt64) -> [Double] {
    let stream = CounterRandom.stream(seed: seed, "norm")
    return (0..<count).map { index in
      let bits = CounterRandom.bits(stream: stream, counter: 0, index: UInt64(index))
      return Double(Int64(bitPattern: bits) >> 40) * 0x1p-23
    }
  }

  private static func apply(_ map: LinearMap, _ x: [Double]) -> [Double] {
    (0..<map.outputs).map { row in
      var sum = 0.0
      map.visit(row) { sum += x[$0] * $1 }
      return sum
    }
  }

  private static func size(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// ‖A v‖/‖v‖ for a v found by power iteration.
  private static func ratio(_ map: LinearMap) throws -> Double {
    let transposed = try #require(map.transposed)
    var x = (0..<map.inputs).map { 1 + 0.01 * Double($0) }
    for _ in 0..<3000 {
      let y = apply(transposed, apply(map, x))
      let length = size(y)
      guard length > 0 else { return 0 }
      x = y.map { $0 / length }
    }
    return size(apply(map, x)) / size(x)
  }

  @Test(arguments: shapes.indices, [1.0, 0x1p-100, 0x1p90])
  func norms(_ index: Int, scale: Double) throws {
    let (rows, columns) = Self.shapes[index]
    let elements = Self.numbers(rows * columns, seed: UInt64(index)).map { $0 * scale }
    for step in [1, 3] {
      let sparse = elements.enumerated().map { $0.offset % step == 0 ? $0.element : 0 }
      let map = LinearMap(full: sparse, inputs: columns)
      let ratio = try Self.ratio(map)
      #expect(ratio > 0)
      #expect(!NormCheck.isBounded(map, by: ratio * (1 - 1e-12)))
      #expect(!NormCheck.isBounded(map, by: ratio * 0.999))
      #expect(NormCheck.isBounded(map, by: ratio * (1 + 1e-9)))
    }
  }

  @Test func noNumberIsAnUpperBound() {
    let map = LinearMap(full: Self.numbers(9, seed: 1), inputs: 3)
    for claim in [Double.nan, .infinity, -1, 0] { #expect(!NormCheck.isBounded(map, by: claim)) }
  }

  /// Norms far below the product of ‖|A|‖, whose growth must not enter the error of the explicit matrix.
  @Test func longCompositionsAreBounded() throws {
    let maps = (0..<8).map { seed in
      LinearMap(full: Self.numbers(3600, seed: UInt64(seed)), inputs: 60)
    }
    var map = ComposedMap.identity(60)
    for (index, layer) in maps.enumerated() {
      let norm = ClaimedBound(UpperBound(proven: try Self.ratio(layer) * (1 + 1e-9)))
      map = map.after(MapFactor(layer, name: "\(index)"), constant: norm)
    }
    // The first one in the list is applied last.
    var product = maps[0]
    for layer in maps.dropFirst() {
      let columns = (0..<60).map { column in
        Self.apply(product, Self.apply(layer, (0..<60).map { $0 == column ? 1 : 0 }))
      }
      let elements = (0..<3600).map { columns[$0 % 60][$0 / 60] }
      product = LinearMap(full: elements, inputs: 60)
    }
    let ratio = try Self.ratio(product)
    #expect(map.bound(near: UpperBound(proven: ratio * (1 + 1e-9)), KnownNorms(), .single) != nil)
    #expect(map.bound(near: UpperBound(proven: ratio * (1 - 1e-8)), KnownNorms(), .single) == nil)
  }

  private struct Case {
    let input: [Int]
    let filters: Int
    let kernel: [Int]
    var stride = [1, 1]
    var dilation = [1, 1]
    var low = [0, 0]
    var groups = 1
  }

  private static let windows: [Case] = [
    Case(input: [2, 6, 5], filters: 3, kernel: [3, 3], low: [1, 1]),
    Case(input: [1, 7, 1], filters: 1, kernel: [2, 1]),
    Case(input: [2, 8, 7], filters: 4, kernel: [3, 2], stride: [2, 3], low: [1, 0], groups: 2),
    Case(
      input: [3, 6, 6], filters: 2, kernel: [2, 3], stride: [1, 2], dilation: [2, 1], low: [2, 1]),
    Case(input: [4, 5, 5], filters: 4, kernel: [3, 3], low: [1, 1], groups: 4),
    Case(input: [1, 4, 4], filters: 3, kernel: [2, 2], stride: [3, 3]),
  ]

  /// No vector is stretched by more than ‖|A|‖, which the magnitudes of a map of images reach far from its edges.
  @Test(arguments: 0..<6) func magnitudesAreBounded(_ index: Int) throws {
    let stencil = Self.stencil(index)
    let magnitudes = Stencil(
      input: stencil.input, output: stencil.output, stride: stencil.stride,
      groups: stencil.groups,
      taps: stencil.taps.map {
        Stencil.Tap(offset: $0.offset, matrix: $0.matrix.map(\.magnitude))
      })
    for map in [LinearMap(stencil, terms: 1), LinearMap(adjointOf: stencil, terms: 1)] {
      let bound = try #require(MagnitudeNorm(map)).bound
      #expect(try Self.ratio(LinearMap(magnitudes, terms: 1)) <= bound.value)
      #expect(bound <= stencil.absoluteNorm)
    }
    let full = LinearMap(full: Self.numbers(60, seed: 7), inputs: 12)
    let bound = try #require(MagnitudeNorm(full)).bound.value
    let ratio = try Self.ratio(
      LinearMap(full: full.coefficients.map(\.magnitude), inputs: 12))
    #expect(ratio <= bound && bound < ratio * (1 + 1e-6))
  }

  private static func stencil(_ index: Int, isConstant: Bool = false) -> Stencil {
    let window = windows[index]
    let output = (0..<2).map { axis -> Int in
      let span = window.dilation[axis] * (window.kernel[axis] - 1) + 1
      return (window.input[axis + 1] + 2 * window.low[axis] - span) / window.stride[axis] + 1
    }
    let count = window.filters * window.input[0] / window.groups
    let width = window.kernel[1]
    let taps = (0..<window.kernel[0] * width).map { tap -> Stencil.Tap in
      let (row, column) = (tap / width * window.dilation[0], tap % width * window.dilation[1])
      let ones = Array(repeating: 1.0, count: count)
      return Stencil.Tap(
        offset: [row - window.low[0], column - window.low[1]],
        matrix: isConstant ? ones : numbers(count, seed: UInt64(100 * index + tap)))
    }
    return Stencil(
      input: window.input, output: [window.filters] + output, stride: window.stride,
      groups: window.groups, taps: taps)
  }

  /// A torus is never below what a vector reaches, and near it; the explicit matrix is exact.
  @Test(arguments: windows.indices, [false, true])
  func images(_ index: Int, isConstant: Bool) throws {
    let stencil = Self.stencil(index, isConstant: isConstant)
    let map = LinearMap(stencil, terms: 1)
    let ratio = try Self.ratio(map)
    let torus = Torus(stencil)
    #expect(!torus.isBounded(by: ratio * (1 - 1e-12)))
    #expect(torus.isBounded(by: ratio * 1.25))
    #expect(torus.isBounded(by: stencil.absoluteNorm.value * (1 + 1e-9)))
    #expect(!NormCheck.isBounded(map, by: ratio * 0.999))
    #expect(NormCheck.isBounded(map, by: ratio * (1 + 1e-9)))
    let transposed = try #require(map.transposed)
    #expect(NormCheck.isBounded(transposed, by: ratio * (1 + 1e-9)))
  }

  /// Compositions and sums of maps of images have the matrices of compositions and sums.
  @Test func mapsOfImagesAreFolded() throws {
    let inner = Self.stencil(0)
    let outer = Stencil(
      input: inner.output, output: [2, 2, 2], stride: [3, 2], groups: 1,
      taps: [[0, 0], [1, 2]].map { offset in
        Stencil.Tap(offset: offset, matrix: Self.numbers(6, seed: UInt64(offset[0])))
      })
    let factors = Stencil(factors: [2, -3, 0.5], relativeError: 0, inner.output)
    for map in [outer, factors] {
      let joint = LinearMap(try #require(map.after(inner)), terms: 1)
      let x = Self.numbers(joint.inputs, seed: 7)
      let expected = Self.apply(
        LinearMap(map, terms: 1), Self.apply(LinearMap(inner, terms: 1), x))
      for (a, b) in zip(Self.apply(joint, x), expected) { #expect(abs(a - b) <= 1e-14) }
    }
    let padded = Stencil(
      input: inner.output, output: inner.output, stride: [1, 1], groups: 3,
      taps: [Stencil.Tap(offset: [-1, 0], matrix: [1, 1, 1])])
    #expect(padded.after(inner) == nil && factors.plus(padded) != nil)
    let sum = LinearMap(try #require(factors.plus(padded)), terms: 1)
    let x = Self.numbers(sum.inputs, seed: 8)
    let parts = [factors, padded].map { Self.apply(LinearMap($0, terms: 1), x) }
    for (a, b) in zip(Self.apply(sum, x), zip(parts[0], parts[1]).map(+)) {
      #expect(abs(a - b) <= 1e-14)
    }
  }

  /// A factorization that breaks down proves nothing, one that completes has been given its error.
  @Test(arguments: [2, 4, 5, 11]) func singularMatricesAreNotPositive(_ order: Int) throws {
    for (corner, isPositive) in [(1.0, false), (0.5, true)] {
      let firsts = (0..<order).map { $0 / 2 * 2 }
      var matrix = try #require(SymmetricMatrix(firsts: firsts))
      for i in 0..<order { matrix[i, i] = 1 }
      let last = (order - 2) / 2 * 2
      matrix[last + 1, last] = corner
      let error = matrix.factorizationError.value
      #expect(error > 0 && error < 1e-12)
      let isFactorized = matrix.factorize(minus: error)
      #expect(isFactorized == isPositive)
    }
  }

  /// On a torus of the image's own extent, n positions instead of n + k − 1, the circular convolution would
  /// have a smaller norm than the zero-padded one: a checker with that mistake would be found out.
  @Test func aTorusOfTheImagesExtentIsTooSmall() throws {
    // Taps 1 and −1 far apart: on 3 positions they fall on one another and vanish.
    let stencil = Stencil(
      input: [1, 1, 3], output: [1, 1, 3], stride: [1, 1], groups: 1,
      taps: [
        Stencil.Tap(offset: [0, -2], matrix: [1]), Stencil.Tap(offset: [0, 1], matrix: [-1]),
      ])
    let ratio = try Self.ratio(LinearMap(stencil, terms: 2))
    #expect(ratio >= 1 - 1e-12)
    var circular = Array(repeating: 0.0, count: 9)
    for tap in stencil.taps {
      for row in 0..<3 { circular[3 * row + (row + tap.offset[1] + 3) % 3] += tap.matrix[0] }
    }
    let wrong = LinearMap(full: circular, inputs: 3)
    #expect(circular.allSatisfy { $0 == 0 } && NormCheck.isBounded(wrong, by: 1e-300))
    for claim in [1e-300, ratio * 0.999] {
      #expect(!Torus(stencil).isBounded(by: claim))
      #expect(!NormCheck.isBounded(LinearMap(stencil, terms: 2), by: claim))
    }
  }
}
