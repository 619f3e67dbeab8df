import BoundAlgebra
import GraphTestSupport
import ModelIR
import TensorGraph
import Testing

@testable import Catalog

/// Weights formed from free tensors: the norm of the layer's explicit matrix against what is stated.
struct ParametrizationTests {
  /// A parametrization with a map.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let parametrization: any Parametrization
    var map: FilterMap
    /// The input [C, H, W] of the explicit matrix.
    let input: [Int]
    let padding: Int

    var testDescription: String { "\(name) \(map.filterShape) \(map.window.strides)" }

    /// W for free elements, in Double.
    func weight(_ free: [Double]) -> [Double] {
      evaluate(formation, inputs: ["v": free])["y"]!
    }

    var formation: Graph {
      let builder = GraphBuilder("form")
      let v = builder.input("v", parametrization.freeShape(for: map))
      builder.output("y", parametrization.weight(from: v, of: map))
      return builder.graph
    }

    /// The columns of the matrix of the zero-padded, strided operator.
    func columns(of weight: [Double]) -> [[Double]] {
      let count = input.reduce(1, *)
      let builder = GraphBuilder("columns")
      let x = builder.input("x", [count] + input)
      let w = builder.input("w", map.filterShape)
      var window = map.window
      (window.paddingLow, window.paddingHigh) = ([padding, padding], [padding, padding])
      builder.output("y", x.convolved(with: w, window))
      let units = (0..<count * count).map { $0 % (count + 1) == 0 ? 1.0 : 0 }
      let y = evaluate(builder.graph, inputs: ["x": units, "w": weight])["y"]!
      let rows = y.count / count
      return (0..<count).map { Array(y[$0 * rows..<($0 + 1) * rows]) }
    }
  }

  private static func filters(
    _ kernel: Int, _ stride: Int, dilation: Int = 1, groups: Int = 1
  ) -> FilterMap {
    FilterMap(
      filters: 4, channels: 2 / groups,
      ConvolutionWindow(
        kernel: [kernel, kernel], strides: [stride, stride], dilations: [dilation, dilation],
        groups: groups))
  }

  static let cases: [Case] = Catalog.parametrizations.flatMap { type in
    type.examples.flatMap { keys -> [Case] in
      let entry = type.decoded(keys)
      let matrices = [(5, 5), (3, 7), (7, 3), (1, 4), (4, 1)].map { rows, columns in
        Case(
          name: "\(type.kind) \(keys)", parametrization: entry,
          map: FilterMap(rows: rows, columns: columns), input: [columns, 1, 1], padding: 0)
      }
      let maps = [
        filters(3, 1), filters(2, 2), filters(4, 2), filters(3, 2), filters(2, 1, dilation: 2),
        filters(2, 2, dilation: 3), filters(3, 1, groups: 2), filters(3, 3, groups: 2),
        filters(1, 1), filters(1, 2),
      ]
      let images = maps.map {
        Case(
          name: "\(type.kind) \(keys)", parametrization: entry, map: $0,
          input: [$0.channels * $0.window.groups, 4, 4], padding: 1)
      }
      return (matrices + images).filter { (try? $0.parametrization.check($0.map)) != nil }
    }
  }

  /// Free tensors of usual, large, tiny and zero size, of rank one, with one huge element and with two
  /// nearly equal rows.
  static func freeTensors(_ shape: [Int]) -> [[Double]] {
    let (rows, columns) = (shape[0], shape[1])
    let stream = CounterRandom.stream(seed: 3, "\(shape)")
    let usual = (0..<rows * columns).map {
      CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) * 2 - 1
    }
    var huge = usual
    huge[huge.count / 2] = 1e6
    let rankOne = (0..<rows * columns).map { usual[$0 / columns] * usual[$0 % columns] }
    let equalRows = (0..<rows * columns).map { usual[$0 % columns] + 1e-5 * usual[$0] }
    return [
      usual, usual.map { $0 * 1e4 }, usual.map { $0 * 1e-6 }, usual.map { _ in 0 },
      usual.map { _ in 1 }, huge, rankOne, equalRows,
    ]
  }

  /// A free tensor whose singular values are of one size.
  static func balanced(_ shape: [Int]) -> [Double] {
    zip(freeTensors(shape)[0], 0...).map { element, place in
      0.3 * element + (place / shape[1] == place % shape[1] ? 1 : 0)
    }
  }

  /// ‖A‖ by power iteration on its columns: never more than the norm.
  static func norm(_ columns: [[Double]]) -> Double {
    var x = columns.indices.map { 1 + 0.1 * Double($0 % 7) }
    var norm = 0.0
    for _ in 0..<25 {
      let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { return norm }
      var y = [Double](repeating: 0, count: columns[0].count)
      for (column, scale) in zip(columns, x) {
        for i in y.indices { y[i] += column[i] * scale / length }
      }
      norm = max(norm, y.reduce(0) { $0 + $1 * $1 }.squareRoot())
      x = columns.map { zip($0, y).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    return norm
  }

  /// The largest norm over free tensors, relative to what is stated.
  static func worstShare(_ example: Case) -> Double {
    let stated = example.parametrization.constant(of: example.map).estimate
    return freeTensors(example.parametrization.freeShape(for: example.map)).map {
      norm(example.columns(of: example.weight($0))) / stated
    }.max()!
  }

  @Test(arguments: cases) func noFreeTensorExceedsTheConstant(_ example: Case) {
    let share = Self.worstShare(example)
    // Double loses digits where VᵀV is ill-conditioned.
    #expect(share <= 1 + 1e-7)
    #expect(share >= 0.3)
  }

  /// Half of the constant of each would be too small: the comparison notices.
  @Test func aConstantThatIsTooSmallIsNoticed() {
    for kind in ["orthogonal", "stiefel", "bjorck", "cayley", "bro", "aol", "sll", "spectral"] {
      let example = Self.cases.first { $0.name.hasPrefix(kind) && $0.map.isMatrix }!
      #expect(Self.worstShare(example) > 0.5, "\(kind)")
    }
    let rows = Self.cases.first { $0.name.hasPrefix("unit_rows") }!
    #expect(Self.worstShare(rows) > 0.9)
  }

  /// Windows that overlap add up: filters formed as the rows of a matrix are too large.
  @Test func filtersFormedAsAMatrixAreNoticed() {
    for kind in ["aol", "sll", "spectral"] {
      let example = Self.cases.first { $0.name.hasPrefix(kind) && $0.map.overlap > 1 }!
      var wrong = example
      wrong.map = FilterMap(rows: example.map.rows, columns: example.map.columns)
      let norms = Self.freeTensors(example.parametrization.freeShape(for: example.map)).map {
        Self.norm(example.columns(of: wrong.weight($0)))
      }
      #expect(norms.max()! > 1.1, "\(kind)")
    }
  }

  @Test(arguments: ["orthogonal", "stiefel", "cayley", "bro {rank: 1}", "bjorck"])
  func squareMatricesAreOrthogonal(_ name: String) {
    let example = Self.cases.first {
      $0.name.trimmed == name && $0.map.rows == 5 && $0.map.columns == 5
    }!
    let free = Self.balanced(example.parametrization.freeShape(for: example.map))
    let columns = example.columns(of: example.weight(free))
    for i in columns.indices {
      for j in columns.indices {
        let product = zip(columns[i], columns[j]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 1 : 0)) < 2e-2, "\(i), \(j)")
      }
    }
  }

  @Test(arguments: cases) func derivativesAgreeWithDifferences(_ example: Case) {
    let check = GradientCheck(example.formation, withRespectTo: ["v"])
    let free = Self.balanced(example.parametrization.freeShape(for: example.map))
    // So short a step that no magnitude of an overlap passes its corner at 0.
    let (difference, gradient, scale) = check.compare(["v": free], seed: 5, step: 0x1p-22)
    // ε of the Cholesky factorization is held constant.
    #expect(abs(difference - gradient) <= 3e-5 * scale)
  }

  @Test func itsOwnWeightsAreKept() {
    for example in Self.cases where example.parametrization.keepsItsWeights {
      let free = Self.balanced(example.parametrization.freeShape(for: example.map))
      let once = example.weight(free)
      for (a, b) in zip(once, example.weight(once)) { #expect(abs(a - b) < 1e-4) }
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }
}
