import BoundAlgebra
import Diagnostics
import Enclosure
import MatrixProducts
import ModelIR
import TensorGraph
import Testing

@testable import LipschitzBounds

/// Convolutions with ReLU between them, then a dense layer, ReLU and a dense layer, with drawn weights.
private struct FrontCase: Sendable, CustomTestStringConvertible {
  let input: [Int]
  /// By convolution: filters and window.
  let convolutions: [(filters: Int, window: ConvolutionWindow)]
  let width: Int
  let outputs: Int
  let scale: Double
  let seed: UInt64
  /// The largest slope that the activations after convolutions are said to have.
  var slope = BoundConstant.one
  var testDescription: String { "\(input) \(convolutions.map(\.filters)) ×\(scale) seed \(seed)" }

  static let all: [FrontCase] = [
    FrontCase(
      input: [1, 6, 6], convolutions: [(3, window(3, padding: 1)), (2, window(4, 2, padding: 1))],
      width: 4, outputs: 3, scale: 1, seed: 1),
    FrontCase(
      input: [2, 7, 9], convolutions: [(4, window(2, 2)), (3, window(3))], width: 5, outputs: 2,
      scale: 1, seed: 2),
    FrontCase(
      input: [2, 4, 4],
      convolutions: [(2, window(3, padding: 1)), (2, window(3, padding: 1)), (2, window(2))],
      width: 3, outputs: 2, scale: 0.1, seed: 3),
    FrontCase(
      input: [4, 5, 5], convolutions: [(4, window(3, padding: 1, groups: 2))], width: 4, outputs: 3,
      scale: 30, seed: 4),
    FrontCase(
      input: [1, 7, 5],
      convolutions: [
        (
          2,
          ConvolutionWindow(
            kernel: [2, 3], strides: [1, 2], paddingLow: [0, 2], paddingHigh: [1, 0],
            dilations: [2, 1])
        )
      ],
      width: 4, outputs: 2, scale: 1, seed: 5),
  ]

  private static func window(
    _ kernel: Int, _ stride: Int = 1, padding: Int = 0, groups: Int = 1
  ) -> ConvolutionWindow {
    ConvolutionWindow(
      kernel: [kernel, kernel], strides: [stride, stride], paddingLow: [padding, padding],
      paddingHigh: [padding, padding], groups: groups)
  }

  var weights: [String: [Float]] {
    var found: [String: [Float]] = [:]
    for layer in layers {
      guard case .linear(let map) = layer.bound, let weight = map.weight else { continue }
      let stream = CounterRandom.stream(seed: seed, weight.name)
      found[weight.name] = (0..<layer.weights).map {
        Float(
          scale * (2 * CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 1))
      }
    }
    return found
  }

  private var layers: [(bound: LayerBound, input: [Int], output: [Int], weights: Int)] {
    var found: [(bound: LayerBound, input: [Int], output: [Int], weights: Int)] = []
    var shape = input
    func add(_ bound: LayerBound, _ output: [Int], weights: Int = 0) {
      found.append((bound, shape, output, weights))
      shape = output
    }
    for (index, layer) in convolutions.enumerated() {
      let map = LinearOperator(
        name: "c\(index)",
        form: .convolution(
          weight: "c\(index)", window: layer.window, input: shape, filters: layer.filters))
      add(
        .linear(map), map.outputShape,
        weights: layer.filters * shape[0] / layer.window.groups
          * layer.window.kernel.reduce(1, *))
      add(.elementwise(Slopes(positive: slope)), shape)
    }
    for (index, width) in [width, outputs].enumerated() {
      let inputs = shape.reduce(1, *)
      let map = LinearOperator(
        name: "d\(index)", form: .dense(weight: "d\(index)", inputs: inputs, outputs: width))
      add(.linear(map), [width], weights: inputs * width)
      if index == 0 { add(.elementwise(Slopes(positive: .one)), [width]) }
    }
    return found
  }

  var model: Model {
    let span = Span(SourceFile(path: "test", text: ""), 0, 0)
    let nodes = layers.enumerated().map { index, layer in
      Model.Node(
        name: "n\(index)", layer: BoundOnly(layer.bound),
        operands: [index == 0 ? .input : .node(index - 1)], inputShapes: [layer.input],
        outputShape: layer.output, parameters: [], configuration: [], span: span)
    }
    return Model(
      name: "m", inputShape: input, nodes: nodes, output: .node(nodes.count - 1))
  }

  /// The part from the dense layers on.
  private func last(_ model: Model, _ bounds: [LayerBound]) throws -> NeuronRegion {
    // With all neurons from the input on, there is nothing before it.
    let hidden = bounds.enumerated().map { index, bound in
      index == 2 * convolutions.count - 1 ? LayerBound.unbounded("hidden") : bound
    }
    return try #require(NeuronRegion.parts(endingAt: model.nodes.count, model, hidden).first)
  }

  /// What multipliers for channels and then neurons prove.
  func bound(_ workers: Workers = .single) throws -> RegionBound {
    let (model, weights) = (model, weights)
    let bounds = ModelBounds(of: model).layers
    let region = try #require(try last(model, bounds).withFront(model, bounds))
    #expect(region.source == 0)
    let found = RegionBound(region, pairs: (.infinity, 1e9), { weights[$0] ?? [] }, workers)
    return try #require(found)
  }

  /// What a multiplier for every neuron of the whole network proves.
  func explicitNorm() throws -> Double {
    let (model, weights) = (model, weights)
    let region = try #require(
      NeuronRegion.parts(endingAt: model.nodes.count, model, ModelBounds(of: model).layers).first)
    #expect(region.source == 0)
    let found = RegionBound(region, pairs: nil, { weights[$0] ?? [] }, .single)
    return try #require(found).norm.value
  }

  /// Δy for a change of the input, with drawn difference quotients of the neurons in {0, 1}.
  func outputs(_ change: [Double], _ counter: UInt64) throws -> [Double] {
    let stream = CounterRandom.stream(seed: seed, "quotients")
    var (values, count) = (change, 0)
    let weights = weights
    for layer in layers {
      switch layer.bound {
      case .linear(let map):
        let operation = try #require(WeightedOperator(map) { weights[$0] ?? [] })
        values = operation.applied(to: values)
      default:
        values = values.map { z in
          count += 1
          let uniform = CounterRandom.uniform(
            stream: stream, counter: counter, index: UInt64(count))
          return uniform < 0.7 ? z : 0
        }
      }
    }
    return values
  }
}

extension WeightedOperator {
  fileprivate func applied(to x: [Double]) -> [Double] {
    let factor = Double(sign: .plus, exponent: exponent, significand: 1)
    switch action {
    case .matrix(let block):
      return (0..<rows).map { i in
        factor * (0..<columns).reduce(0) { $0 + block.elements[i * columns + $1] * x[$1] }
      }
    case .convolution(let blocks, _):
      return blocks.enumerated().flatMap { group, block in
        let share = columns / blocks.count
        return block.applied(to: Array(x[group * share..<(group + 1) * share])).map { $0 * factor }
      }
    default: preconditionFailure("no case has such a layer")
    }
  }
}

extension ConvolutionBlock {
  /// The image in the order (filter, h, w) of one in the order (channel, h, w).
  fileprivate func applied(to x: [Double]) -> [Double] {
    let (area, image) = (extent[0] * extent[1], outputExtent[0] * outputExtent[1])
    var y = Array(repeating: 0.0, count: filters * image)
    forEachRead { output, input, tap in
      for m in 0..<filters {
        for c in 0..<channels {
          y[m * image + output] += taps[tap][m * channels + c] * x[c * area + input]
        }
      }
    }
    return y
  }
}

@Suite struct FrontTests {
  @Test(arguments: FrontCase.all)
  private func noChangeExceedsTheBound(_ example: FrontCase) throws {
    let bound = try example.bound()
    let count = example.input.reduce(1, *)
    #expect(bound.pairs.count == example.outputs * (example.outputs - 1) / 2)
    for counter in 0..<200 as Range<UInt64> {
      let stream = CounterRandom.stream(seed: example.seed, "change")
      let change = (0..<count).map {
        CounterRandom.uniform(stream: stream, counter: counter, index: UInt64($0)) - 0.5
      }
      let image = try example.outputs(change, counter)
      let length = Self.size(change)
      #expect(Self.size(image) <= bound.norm.value * length * (1 + 1e-12))
      for pair in bound.pairs {
        let difference = abs(image[pair.outputs.i] - image[pair.outputs.j])
        #expect(difference <= pair.norm.value * length * (1 + 1e-12))
      }
    }
  }

  /// Multipliers of channels are some of those that every neuron may have, and the torus only adds vectors, so a
  /// smaller constant would be wrong; it is not much larger either.
  @Test(arguments: FrontCase.all)
  private func theBoundIsNearThatOfAllNeurons(_ example: FrontCase) throws {
    let (bound, explicit) = (try example.bound().norm.value, try example.explicitNorm())
    #expect(bound >= explicit * (1 - 5e-3) && bound <= 1.6 * explicit, "\(bound), \(explicit)")
  }

  /// A range of slopes that is too narrow gives a constant below that of all neurons.
  @Test(arguments: FrontCase.all)
  private func narrowSlopesAreSeen(_ example: FrontCase) throws {
    var wrong = example
    wrong.slope = .rational(1, 4)
    #expect(try wrong.bound().norm.value < example.explicitNorm() * (1 - 5e-3))
  }

  /// The numbers do not depend on the number of workers.
  @Test func workersDoNotMatter() throws {
    let found = try [1, 3].map { try FrontCase.all[0].bound(Workers($0)) }
    #expect(found[0].norm == found[1].norm && found[0].multipliers == found[1].multipliers)
    #expect(found[0].front.map(\.multipliers) == found[1].front.map(\.multipliers))
  }

  @Test func multipliersThatProveNothingAreRefused() throws {
    let example = FrontCase.all[0]
    let (model, weights) = (example.model, example.weights)
    let bounds = ModelBounds(of: model).layers
    let region = try #require(
      NeuronRegion.parts(
        endingAt: model.nodes.count, model,
        bounds.enumerated().map { $0 == 3 ? .unbounded("hidden") : $1 }
      ).first)
    let front = try #require(ConvolutionalFront(before: region, model, bounds))
    let symbols = try #require(FrontSymbols(front, { weights[$0] ?? [] }, .single))
    for multiplier in [-1.0, 0, .nan, .infinity, 1e9] {
      let multipliers = example.convolutions.map {
        Array(repeating: multiplier, count: $0.filters)
      }
      #expect(FrontBound(symbols, multipliers: multipliers, .single) == nil)
    }
  }

  private static func size(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
