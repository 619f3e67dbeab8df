import Enclosure
import MatrixProducts
import TensorGraph
import Testing

@testable import LipschitzBounds

/// A random symmetric band matrix.
struct BandCase: Sendable, CustomTestStringConvertible {
  let order: Int
  let bandwidth: Int
  var testDescription: String { "order \(order), bandwidth \(bandwidth)" }

  /// Sizes at and beside the blocks of 16 columns, the panels of 16 and 64, and the shares of workers.
  static let all: [BandCase] =
    [1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 200].flatMap { order in
      [0, 1, 7, 15, 16, 17, 63, 95, 96, 97, 199].filter { $0 < order }.map {
        BandCase(order: order, bandwidth: $0)
      }
    } + [BandCase(order: 1000, bandwidth: 40), BandCase(order: 1000, bandwidth: 999)]

  var matrix: BandMatrix {
    var matrix = BandMatrix(order: order, bandwidth: bandwidth)
    let stream = CounterRandom.stream(seed: UInt64(bandwidth), "band")
    for i in 0..<order {
      for j in max(0, i - bandwidth)...i {
        let uniform = CounterRandom.uniform(
          stream: stream, counter: UInt64(i), index: UInt64(j))
        matrix.elements[matrix.layout.offset(i, j)] = 2 * uniform - 1
      }
    }
    return matrix
  }
}

/// The factorization of tI − G by the definition, without blocks; nil if a pivot is not positive.
private func plainFactor(_ t: Double, minus matrix: BandMatrix) -> [[Double]]? {
  var rows: [[Double]] = []
  for i in 0..<matrix.order {
    var row = Array(repeating: 0.0, count: i + 1)
    for j in max(0, i - matrix.layout.bandwidth)...i {
      var sum = (i == j ? t : 0) - matrix.elements[matrix.layout.offset(i, j)]
      for k in 0..<j { sum -= row[k] * (i == j ? row[k] : rows[j][k]) }
      if i == j, !(sum > 0) { return nil }
      row[j] = i == j ? sum.squareRoot() : sum / rows[j][j]
    }
    rows.append(row)
  }
  return rows
}

@Suite struct FactorizationTests {
  @Test(arguments: BandCase.all)
  func blocksGiveThePlainFactor(_ example: BandCase) throws {
    guard example.order <= 200 else { return }
    let matrix = example.matrix
    let t = matrix.largestRowSum + 1
    var workspace: [Double] = []
    #expect(PositiveDefiniteness.factorizes(t, minus: matrix, &workspace))
    let plain = try #require(plainFactor(t, minus: matrix))
    let tolerance = 1e-13 * t
    for i in 0..<matrix.order {
      for j in max(0, i - example.bandwidth)...i {
        let found = workspace[matrix.layout.offset(i, j)]
        #expect((found - plain[i][j]).magnitude <= tolerance)
      }
    }
  }

  /// The largest eigenvalue is known: a rank-one matrix v vᵀ, whose entries are exact, has ‖v‖².
  @Test(arguments: [2, 15, 16, 17, 63, 64, 65, 80, 129, 400])
  func slightlyIndefiniteMatricesAreRefused(_ order: Int) {
    var matrix = BandMatrix(order: order, bandwidth: order - 1)
    let vector = (0..<order).map { Double(($0 * 37) % 11 - 5) }
    for i in 0..<order {
      for j in 0...i { matrix.elements[matrix.layout.offset(i, j)] = vector[i] * vector[j] }
    }
    let exact = vector.reduce(0) { $0 + $1 * $1 }
    var workspace: [Double] = []
    for workers in [Workers.single, Workers(3)] {
      #expect(
        !PositiveDefiniteness.factorizes(exact * (1 - 1e-11), minus: matrix, &workspace, workers))
      #expect(
        PositiveDefiniteness.factorizes(exact * (1 + 1e-11), minus: matrix, &workspace, workers))
    }
  }

  /// One negative eigenvalue at the end, in the middle or at the beginning of a band is found.
  @Test(arguments: BandCase.all.filter { $0.order > 1 })
  func oneSmallPivotIsFound(_ example: BandCase) {
    let matrix = example.matrix
    let t = matrix.largestRowSum + 1
    for place in Set([0, example.order / 2, example.order - 1]) {
      var changed = matrix
      let offset = matrix.layout.offset(place, place)
      changed.elements[offset] = t * (1 + 1e-15) + 1e-12
      var workspace: [Double] = []
      #expect(!PositiveDefiniteness.factorizes(t, minus: changed, &workspace))
    }
  }

  @Test func numbersDoNotDependOnTheWorkers() {
    let matrix = BandCase(order: 1000, bandwidth: 999).matrix
    let factors = [1, 2, 5].map { count in
      var workspace: [Double] = []
      _ = PositiveDefiniteness.factorizes(
        matrix.largestRowSum, minus: matrix, &workspace, Workers(count))
      return (0..<matrix.order).flatMap { row in workspace[matrix.layout.places(ofRow: row)] }
    }
    #expect(factors[0] == factors[1] && factors[1] == factors[2])
  }
}

/// Products of panels with rows beside multiples of 16.
@Suite struct PanelMatrixTests {
  private func map(_ rows: Int, _ columns: Int) -> (DenseBlock, PanelMatrix) {
    let stream = CounterRandom.stream(seed: 7, "panel")
    let elements = (0..<rows * columns).map {
      // Many zeros, so that chunks are skipped.
      $0 / 40 % 3 == 0
        ? 0.0 : 2 * CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 1
    }
    let panels = PanelMatrix(rows: rows, columns: columns, .single) { panel, place in
      for j in 0..<columns {
        for r in 0..<16 {
          let row = panel * 16 + r
          place[j * 16 + r] = row < rows ? elements[row * columns + j] : 0
        }
      }
    }
    return (DenseBlock(rows: rows, columns: columns, elements: elements), panels)
  }

  @Test(arguments: [(1, 3), (15, 40), (16, 16), (17, 129), (22, 300), (33, 15), (70, 257)])
  func panelsGiveTheSameNumbersAsRows(_ rows: Int, _ columns: Int) {
    let (dense, panels) = map(rows, columns)
    #expect(panels.rowMajor == dense.elements)
    let x = (0..<columns).map { Double($0 % 5) - 1.5 }
    let y = (0..<rows).map { Double($0 % 7) - 2.5 }
    for (a, b) in zip(panels.forward(x), dense.forward(x)) { #expect((a - b).magnitude < 1e-11) }
    for (a, b) in zip(panels.adjoint(y), dense.adjoint(y)) { #expect((a - b).magnitude < 1e-11) }
    let (first, second) = (panels.gram(Workers(2)), dense.gramOfRows(.single))
    for i in 0..<rows {
      for j in 0...i {
        let a = first.matrix.elements[first.matrix.layout.offset(i, j)]
        let b = second.matrix.elements[second.matrix.layout.offset(i, j)]
        #expect((a - b).magnitude <= 1e-12 * Double(columns))
      }
    }
  }
}

/// Which method is chosen as operators grow.
@Suite struct MethodCostTests {
  private func block(_ extent: [Int], _ channels: Int, stride: Int = 1) -> ConvolutionBlock {
    let window = ConvolutionWindow(
      kernel: [3, 3], strides: [stride, stride], paddingLow: [1, 1], paddingHigh: [1, 1])
    return ConvolutionBlock(
      channels: channels, filters: channels, extent: extent,
      outputExtent: window.outputExtent(extent) ?? [], window: window,
      filter: Array(repeating: 1, count: channels * channels * 9))
  }

  /// A tighter method than Fourier takes at most a fixed effort, or four times as long as Fourier.
  ///
  /// Fourier's effort grows with the operator, so none takes long because it is a little smaller than
  /// another.
  @Test(arguments: [1, 4, 8, 16, 32, 64]) func effortIsBoundedByAGrowingOne(_ channels: Int) throws
  {
    var before = 0.0
    for side in [4, 8, 12, 16, 24, 28, 32, 48, 64, 128] {
      let block = block([side, side], channels)
      let fourier = try #require(FourierMethod().cost(of: block))
      let method = MethodChoice(.certificate, blocks: [block]).method(for: block, named: nil)
      let cost = try #require(method.cost(of: block))
      #expect(cost <= max(MethodChoice.choleskyLimit, MethodChoice.leastRatio * fourier))
      #expect(fourier >= before)
      before = fourier
    }
  }

  /// Operators that together take too long are bounded by cheaper methods.
  @Test func manyLargeOperatorsShareTheEffort() {
    let blocks = (0..<200).map { _ in block([20, 20], 16) }
    let alone = MethodChoice(.certificate, blocks: [blocks[0]])
    let together = MethodChoice(.certificate, blocks: blocks)
    #expect(alone.method(for: blocks[0], named: nil) is CholeskyMethod)
    #expect(together.method(for: blocks[0], named: nil) is FourierMethod)
  }
}
