import BoundAlgebra
import Enclosure
import TensorGraph
import Testing

@testable import LipschitzBounds

/// A chain of dense layers with random weights.
struct ChainCase: Sendable, CustomTestStringConvertible {
  let widths: [Int]
  let slope: BoundConstant
  let scale: Double
  let seed: UInt64
  var testDescription: String { "\(widths) β=\(slope) ×\(scale) seed \(seed)" }

  static let all: [ChainCase] =
    [[3, 5, 2], [6, 4, 4, 3], [10, 8, 8, 8, 8, 4], [1, 1, 1], [5, 1, 5, 2]].flatMap { widths in
      (0..<3 as Range<UInt64>).map {
        ChainCase(widths: widths, slope: .one, scale: 1, seed: $0)
      }
    } + [
      ChainCase(widths: [4, 6, 6, 3], slope: .rational(1, 4), scale: 1, seed: 5),
      ChainCase(widths: [4, 6, 6, 3], slope: .rational(3, 1), scale: 1, seed: 6),
      ChainCase(widths: [4, 6, 3], slope: .one, scale: 1e30, seed: 7),
      ChainCase(widths: [4, 6, 3], slope: .one, scale: 1e-38, seed: 8),
      ChainCase(widths: [4, 6, 6, 6, 3], slope: .one, scale: 1e-30, seed: 9),
    ]

  /// The weights, row-major, as float32 numbers.
  var weights: [[Double]] {
    zip(widths.dropFirst(), widths).enumerated().map { index, sides in
      let stream = CounterRandom.stream(seed: seed, "layer \(index)")
      return (0..<sides.0 * sides.1).map {
        let uniform = CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0))
        return Double(Float(scale * (2 * uniform - 1)))
      }
    }
  }

  var layers: [QuadraticChain.Layer] {
    weights.enumerated().map { index, weight in
      QuadraticChain.Layer(
        rows: widths[index + 1], columns: widths[index], weight: ScaledNumbers(weight)!,
        slope: index < weights.count - 1 ? slope : nil)
    }
  }

  /// W_l D … D W_1 with pseudo-random slopes in {0, β}, which is a derivative of the chain with ReLU-like
  /// activations.
  func derivative(_ counter: UInt64) -> ExplicitProduct {
    let stream = CounterRandom.stream(seed: seed, "slopes")
    var drawn: UInt64 = 0
    var product = ExplicitProduct(identity: widths[0])
    for (index, weight) in weights.enumerated() {
      product = product.multiplied(by: weight, rows: widths[index + 1])
      guard index < weights.count - 1 else { continue }
      product.scaleRows { _ in
        drawn += 1
        let uniform = CounterRandom.uniform(stream: stream, counter: counter, index: drawn)
        return uniform < 0.7 ? slope.estimate : 0
      }
    }
    return product
  }
}

/// A matrix in Double, without error bounds.
struct ExplicitProduct {
  var rows: Int
  let columns: Int
  var elements: [Double]

  init(identity count: Int) {
    rows = count
    columns = count
    elements = (0..<count * count).map { $0 / count == $0 % count ? 1 : 0 }
  }

  func multiplied(by weight: [Double], rows: Int) -> ExplicitProduct {
    var result = self
    result.rows = rows
    result.elements = Array(repeating: 0, count: rows * columns)
    for i in 0..<rows {
      for k in 0..<self.rows {
        for j in 0..<columns {
          result.elements[i * columns + j] += weight[i * self.rows + k] * elements[k * columns + j]
        }
      }
    }
    return result
  }

  mutating func scaleRows(_ factor: (Int) -> Double) {
    for i in 0..<rows {
      let number = factor(i)
      for j in 0..<columns { elements[i * columns + j] *= number }
    }
  }

  func norm() -> Double {
    let largest = elements.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0 else { return 0 }
    let block = DenseBlock(rows: rows, columns: columns, elements: elements.map { $0 / largest })
    let top = LanczosEstimate(order: columns) { block.adjoint(block.forward($0)) }
    return top.value.squareRoot() * largest
  }

  func rowDistance(_ i: Int, _ j: Int) -> Double {
    let parts = (0..<columns).map { elements[i * columns + $0] - elements[j * columns + $0] }
    return AccumulatedError.euclideanNorm(parts).lower.value
  }
}

@Suite struct QuadraticChainTests {
  @Test(arguments: ChainCase.all)
  func noDerivativeExceedsTheBound(_ example: ChainCase) throws {
    let chain = try #require(QuadraticChain(example.layers))
    let outputs = example.widths[example.widths.count - 1]
    for counter in 0..<60 as Range<UInt64> {
      let derivative = example.derivative(counter)
      #expect(derivative.norm() <= chain.norm.value * (1 + 1e-9))
      for i in 0..<outputs {
        for j in 0..<i {
          let bound = chain.differences[i * outputs + j].value
          #expect(derivative.rowDistance(i, j) <= bound * (1 + 1e-9))
        }
      }
    }
  }

  @Test(arguments: ChainCase.all)
  func theBoundIsNotAboveTheProductOfNorms(_ example: ChainCase) throws {
    let chain = try #require(QuadraticChain(example.layers))
    var product = 1.0
    for (index, weight) in example.weights.enumerated() {
      product *= ExplicitProduct(identity: example.widths[index])
        .multiplied(by: weight, rows: example.widths[index + 1]).norm()
      if index < example.weights.count - 1 { product *= example.slope.estimate }
    }
    #expect(chain.norm.value <= product * (1 + 1e-6))
  }

  @Test func aChainOfNumbersIsExact() throws {
    let layers = [2.0, 3, 0.5].enumerated().map { index, weight in
      QuadraticChain.Layer(
        rows: 1, columns: 1, weight: ScaledNumbers([weight])!, slope: index < 2 ? .one : nil)
    }
    let chain = try #require(QuadraticChain(layers))
    #expect(chain.norm.value >= 3 && chain.norm.value <= 3 * (1 + 1e-6))
  }

  /// Without the slope or the scale of a weight as a factor, the bound would be too small.
  @Test func slopesAndScalesCount() throws {
    func norm(_ slope: BoundConstant, _ scale: Double) throws -> Double {
      let example = ChainCase(widths: [4, 6, 6, 3], slope: slope, scale: scale, seed: 3)
      return try #require(QuadraticChain(example.layers)).norm.value
    }
    let one = try norm(.one, 1)
    #expect(abs(try norm(.rational(1, 4), 1) / one - 1.0 / 16) < 1e-6)
    #expect(abs(try norm(.one, 0.25) / one - 1.0 / 64) < 1e-6)
  }
}
