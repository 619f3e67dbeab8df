import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph
import Testing

@testable import LipschitzBounds

/// A composed map and its matrix.
struct ComposedCase: Sendable, CustomTestStringConvertible {
  let maps: LinearMaps
  let id: LinearMaps.ID
  let weights: [String: [Float]]
  let matrix: ExplicitOperator
  let family: WeightFamily
  let testDescription: String

  /// Layers in the order of application; optionally the input is added at the end.
  init(_ layers: [LinearOperator], _ family: WeightFamily, addsInput: Bool = false) {
    var maps = LinearMaps()
    var weights: [String: [Float]] = [:]
    var id = maps.identity(layers[0].inputShape.reduce(1, *))
    var matrix = ExplicitOperator.identity(layers[0].inputShape.reduce(1, *))
    for (index, layer) in layers.enumerated() {
      let named = ComposedCase.renamed(layer, index)
      let elements = family.weights(layer)
      for name in named.parameters { weights[name] = elements }
      id = maps.composition(maps.layer(named), id)
      matrix = ExplicitOperator(layer, elements).times(matrix)
    }
    if addsInput {
      let input = maps.identity(layers[0].inputShape.reduce(1, *))
      id = maps.sum(id, input)
      matrix = matrix.plus(.identity(matrix.columns))
    }
    self.maps = maps
    self.id = id
    self.weights = weights
    self.matrix = matrix
    self.family = family
    testDescription =
      layers.map(\.name).joined(separator: " | ") + " \(family)" + (addsInput ? " + 1" : "")
  }

  private static func renamed(_ layer: LinearOperator, _ index: Int) -> LinearOperator {
    let weight = "w\(index)"
    let form: LinearOperator.Form =
      switch layer.form {
      case .dense(_, let inputs, let outputs):
        .dense(weight: weight, inputs: inputs, outputs: outputs)
      case .convolution(_, let window, let input, let filters):
        .convolution(weight: weight, window: window, input: input, filters: filters)
      case .transposedConvolution(_, let window, let input, let output):
        .transposedConvolution(weight: weight, window: window, input: input, output: output)
      case .diagonal(_, let shape): .diagonal(.parameter(weight), shape: shape)
      case .sumPool, .copy, .centering: layer.form
      }
    return LinearOperator(name: "l\(index)", form: form)
  }

  /// A tolerance for the explicit matrix, which is computed in double precision from products of float32
  /// weights, so it may have errors of a few roundings of its largest entries.
  var rounding: Double { 1e-12 }

  static let all: [ComposedCase] =
    chains.flatMap { chain in
      [WeightFamily.gaussian, .rankOne, .oneHuge, .identity, .ones, .tiny, .huge].map {
        ComposedCase(chain, $0)
      }
    }
    + squares.flatMap { chain in
      [WeightFamily.gaussian, .identity, .tiny].map { ComposedCase(chain, $0, addsInput: true) }
    }

  private static let same = ConvolutionWindow(
    kernel: [3, 3], paddingLow: [1, 1], paddingHigh: [1, 1])

  private static func convolution(
    _ input: [Int], _ filters: Int, _ window: ConvolutionWindow
  ) -> LinearOperator {
    LinearOperator(
      name: "conv k\(window.kernel) s\(window.strides)",
      form: .convolution(weight: "w", window: window, input: input, filters: filters))
  }

  private static func diagonal(_ shape: [Int]) -> LinearOperator {
    LinearOperator(name: "diagonal", form: .diagonal(.parameter("w"), shape: shape))
  }

  private static func dense(_ inputs: Int, _ outputs: Int) -> LinearOperator {
    LinearOperator(name: "dense", form: .dense(weight: "w", inputs: inputs, outputs: outputs))
  }

  private static func pool(_ input: [Int], _ kernel: Int, _ stride: Int) -> LinearOperator {
    LinearOperator(
      name: "pool \(kernel)/\(stride)",
      form: .sumPool(
        window: PoolWindow(kernel: [kernel, kernel], strides: [stride, stride]), input: input,
        factor: 1 / Double(kernel * kernel)))
  }

  static let chains: [[LinearOperator]] = [
    [dense(7, 5), dense(5, 9)],
    [dense(4, 6), dense(6, 6), dense(6, 3)],
    [convolution([2, 5, 5], 3, same), diagonal([3, 5, 5])],
    [diagonal([2, 5, 4]), convolution([2, 5, 4], 2, same)],
    [convolution([1, 6, 6], 2, same), pool([2, 6, 6], 2, 2)],
    [convolution([2, 7, 6], 2, same), pool([2, 7, 6], 3, 2)],
    [
      convolution(
        [1, 7, 7], 2,
        ConvolutionWindow(
          kernel: [2, 3], strides: [2, 1], paddingLow: [1, 0], paddingHigh: [1, 2])),
      convolution([2, 4, 7], 3, ConvolutionWindow(kernel: [2, 2], dilations: [1, 2])),
    ],
    [convolution([1, 5, 5], 2, same), convolution([2, 5, 5], 1, same)],
    [
      convolution([2, 4, 4], 3, ConvolutionWindow(kernel: [2, 2], strides: [2, 2])),
      LinearOperator(
        name: "flatten", form: .copy(CopyMap([3, 2, 2], [.reshape([12])]))),
      dense(12, 4),
    ],
    [
      LinearOperator(
        name: "upsample",
        form: .copy(
          CopyMap(
            [2, 2, 3], [.broadcast([2, 2, 2, 3, 2], axes: [0, 1, 3]), .reshape([2, 4, 6])]))),
      convolution([2, 4, 6], 2, same),
    ],
    [
      LinearOperator(
        name: "pad", form: .copy(CopyMap([1, 3, 3], [.pad(low: [0, 1, 0], high: [0, 0, 2])]))),
      convolution([1, 4, 5], 2, ConvolutionWindow(kernel: [2, 2])),
    ],
    [
      LinearOperator(name: "centre", form: .centering(axes: [0], shape: [4, 3, 2])),
      convolution([4, 3, 2], 2, same),
    ],
    [
      LinearOperator(
        name: "transposed",
        form: .transposedConvolution(
          weight: "w",
          window: ConvolutionWindow(
            kernel: [3, 3], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [1, 1]),
          input: [2, 3, 3], output: [1, 5, 5])),
      convolution([1, 5, 5], 2, same),
    ],
  ]

  static let squares: [[LinearOperator]] = [
    [dense(5, 5)], [convolution([2, 4, 4], 2, same)],
    [convolution([2, 5, 3], 4, same), diagonal([4, 5, 3]), convolution([4, 5, 3], 2, same)],
  ]
}

@Suite struct ComposedNormTests {
  private func norms(_ example: ComposedCase, limit: Double) -> ComposedMapNorms {
    let layers = example.maps.layers(of: example.id).filter { $0.closedNorm == nil }
    let own = OperatorNorms(operators: layers) { example.weights[$0]! }
    return ComposedMapNorms(
      example.maps, layerNorms: own, weights: { example.weights[$0]! }, limit: limit)
  }

  @Test(arguments: ComposedCase.all)
  func noDirectionBeatsTheBound(_ example: ComposedCase) {
    for limit in [1e9, 0] {
      var norms = norms(example, limit: limit)
      let bound = norms.bound(example.id)
      let best = example.matrix.bestRatio.value
      #expect(best <= bound.upper.value * (1 + example.rounding))
      #expect(bound.lower.value <= bound.upper.value)
    }
  }

  @Test(arguments: ComposedCase.all)
  func explicitMatricesAreTight(_ example: ComposedCase) throws {
    var norms = norms(example, limit: 1e9)
    let bound = norms.bound(example.id)
    let best = example.matrix.bestRatio.value
    // If terms cancel, only the error of the terms can be bounded.
    guard best > 0, example.family != .oneHuge else { return }
    #expect(bound.upper.value <= best * 1.0001, "\(bound.method): \(bound.reason)")
  }

  @Test(arguments: ComposedCase.all)
  func rowsAreThoseOfTheMatrix(_ example: ComposedCase) throws {
    var norms = norms(example, limit: 1e9)
    guard example.family == .gaussian, let rows = norms.rows(example.id), rows.rows > 1 else {
      return
    }
    let matrix = example.matrix
    let differences = (0..<matrix.columns).map {
      matrix.elements[$0] - matrix.elements[matrix.columns + $0]
    }
    let exact = AccumulatedError.euclideanNorm(differences)
    let found = rows.distances(.single)[1].value
    let size = matrix.elements.reduce(0) { max($0, $1.magnitude) }
    #expect(found >= exact.lower.value - example.rounding * size)
    #expect(found <= exact.upper.value * (1 + 1e-9) + 1e-9 * size)
  }

  @Test func jointNormsOfOpposedLayersAreFarBelowTheirProduct() {
    // Each layer keeps the elements that the other removes.
    let layers = [
      LinearOperator(name: "a", form: .diagonal(.constants([1, 0]), shape: [2])),
      LinearOperator(name: "b", form: .diagonal(.constants([0, 1]), shape: [2])),
    ]
    var maps = LinearMaps()
    let id = maps.composition(maps.layer(layers[1]), maps.layer(layers[0]))
    var norms = ComposedMapNorms(
      maps, layerNorms: OperatorNorms(operators: []) { _ in [] }, weights: { _ in [] }, limit: 1e9)
    #expect(norms.bound(id).upper.value < 1e-12)
  }
}
