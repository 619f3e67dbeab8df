import ModelIR
import TensorGraph
import Testing

/// A map and its weights.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  let map: LinearOperator
  let family: WeightFamily
  let weights: [Float]
  var testDescription: String { "\(map.name) \(family)" }

  init(_ map: LinearOperator, _ family: WeightFamily) {
    self.map = map
    self.family = family
    weights = family.weights(map)
  }

  /// The same with a required method.
  func asking(_ method: String?) -> LinearOperator {
    LinearOperator(name: map.name, form: map.form, method: method)
  }

  static let denseMaps = [(1, 5), (5, 1), (4, 7), (9, 6), (12, 12)].map { outputs, inputs in
    LinearOperator(
      name: "dense \(outputs)×\(inputs)",
      form: .dense(weight: "w", inputs: inputs, outputs: outputs))
  }

  static let convolutionMaps = [
    convolution(
      [1, 3, 3], 1, ConvolutionWindow(kernel: [3, 3], paddingLow: [1, 1], paddingHigh: [1, 1])),
    convolution(
      [1, 1, 3], 1, ConvolutionWindow(kernel: [1, 3], paddingLow: [0, 1], paddingHigh: [0, 1])),
    convolution([2, 5, 4], 3, ConvolutionWindow(kernel: [2, 3])),
    convolution(
      [1, 6, 6], 4,
      ConvolutionWindow(
        kernel: [4, 4], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [1, 1])),
    convolution([2, 5, 5], 2, ConvolutionWindow(kernel: [2, 2], strides: [3, 3])),
    convolution(
      [1, 4, 5], 2,
      ConvolutionWindow(
        kernel: [1, 1], strides: [2, 3], paddingLow: [1, 0], paddingHigh: [0, 1])),
    convolution(
      [2, 5, 6], 2,
      ConvolutionWindow(
        kernel: [2, 2], paddingLow: [2, 2], paddingHigh: [2, 2], dilations: [2, 2])),
    convolution(
      [4, 4, 3], 4,
      ConvolutionWindow(
        kernel: [3, 3], paddingLow: [1, 1], paddingHigh: [1, 1], groups: 2)),
    convolution([3, 4, 4], 3, ConvolutionWindow(kernel: [2, 2], groups: 3)),
    convolution(
      [1, 5, 5], 2,
      ConvolutionWindow(
        kernel: [3, 2], strides: [2, 1], paddingLow: [0, 1], paddingHigh: [2, 0])),
    convolution(
      [1, 2, 2], 1, ConvolutionWindow(kernel: [3, 3], paddingLow: [4, 3], paddingHigh: [0, 5])),
  ]

  static let poolMaps = [
    pool([2, 4, 4], PoolWindow(kernel: [2, 2], strides: [2, 2]), 0.25),
    pool([1, 5, 6], PoolWindow(kernel: [3, 3], strides: [1, 2]), 1 / 9.0),
    pool(
      [1, 4, 4],
      PoolWindow(kernel: [3, 3], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [1, 1]), 1 / 9.0
    ),
    pool([3, 4, 2], PoolWindow(kernel: [4, 2], strides: [4, 2]), 0.125),
  ]

  static let transposedMaps = [
    transposed(
      [2, 3, 3], [3, 5, 5],
      ConvolutionWindow(
        kernel: [3, 3], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [1, 1])),
    transposed([4, 2, 3], [2, 3, 4], ConvolutionWindow(kernel: [2, 2], groups: 2)),
  ]

  static let diagonalMaps =
    [[3, 2, 2], [1, 4, 4], [5]].map { shape in
      LinearOperator(name: "diagonal \(shape)", form: .diagonal(.parameter("w"), shape: shape))
    } + [LinearOperator(name: "slopes", form: .diagonal(.parameterAndOne("w"), shape: [6]))]

  static let all =
    (denseMaps + convolutionMaps + transposedMaps + diagonalMaps).flatMap { map in
      WeightFamily.allCases.map { OperatorCase(map, $0) }
    } + poolMaps.map { OperatorCase($0, .ones) }

  private static func convolution(
    _ input: [Int], _ filters: Int, _ window: ConvolutionWindow
  ) -> LinearOperator {
    LinearOperator(
      name: "conv \(input) k\(window.kernel) s\(window.strides) g\(window.groups)",
      form: .convolution(weight: "w", window: window, input: input, filters: filters))
  }

  private static func transposed(
    _ input: [Int], _ output: [Int], _ window: ConvolutionWindow
  ) -> LinearOperator {
    LinearOperator(
      name: "transposed \(input) k\(window.kernel) s\(window.strides) g\(window.groups)",
      form: .transposedConvolution(weight: "w", window: window, input: input, output: output))
  }

  private static func pool(
    _ input: [Int], _ window: PoolWindow, _ factor: Double
  ) -> LinearOperator {
    LinearOperator(
      name: "pool \(input) k\(window.kernel) s\(window.strides)",
      form: .sumPool(window: window, input: input, factor: factor))
  }
}

/// Weights that have broken bounds before.
enum WeightFamily: CaseIterable, Sendable {
  case gaussian, rankOne, zero, oneHuge, subnormal, identity, checkerboard, ones, huge, tiny

  func weights(_ map: LinearOperator) -> [Float] {
    let shape = Self.matrixShape(map)
    return (0..<shape.rows * shape.columns).map { index in
      element(index / shape.columns, index % shape.columns, index)
    }
  }

  private func element(_ row: Int, _ column: Int, _ index: Int) -> Float {
    switch self {
    case .gaussian: Self.noise(index)
    case .rankOne: Self.noise(row) * Self.noise(1000 + column)
    case .zero: 0
    case .oneHuge: index == 3 ? 1e20 : Self.noise(index)
    case .subnormal: Self.noise(index) * 1e-42
    case .identity: row == column ? 1 : 0
    case .checkerboard: (row + column).isMultiple(of: 2) ? 1 : -1
    case .ones: 1
    case .huge: Self.noise(index) * 1e37
    case .tiny: Self.noise(index) * 1e-30
    }
  }

  /// About a standard normal number.
  private static func noise(_ index: Int) -> Float {
    let sum = (0..<6).reduce(0.0) { sum, k in
      sum + CounterRandom.uniform(stream: 11, counter: UInt64(k), index: UInt64(index))
    }
    return Float((sum - 3) * 1.4)
  }

  private static func matrixShape(_ map: LinearOperator) -> (rows: Int, columns: Int) {
    switch map.form {
    case .dense(_, let inputs, let outputs): (outputs, inputs)
    case .convolution(_, let window, let input, let filters):
      (filters, input[0] / window.groups * window.kernel[0] * window.kernel[1])
    case .transposedConvolution(_, let window, let input, let output):
      (input[0], output[0] / window.groups * window.kernel[0] * window.kernel[1])
    case .diagonal(.parameterAndOne, let shape): (1, shape[0] - 1)
    case .diagonal(_, let shape): (1, shape[0])
    case .sumPool, .copy, .centering: (0, 0)
    }
  }
}
