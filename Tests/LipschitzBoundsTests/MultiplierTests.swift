import BoundAlgebra
import Diagnostics
import Enclosure
import ModelIR
import TensorGraph
import Testing

@testable import LipschitzBounds

/// A part of a network with random coefficients: every block of neurons reads all coordinates before it with some
/// probability.
private struct FormCase: Sendable, CustomTestStringConvertible {
  let inputs: Int
  let widths: [Int]
  let outputs: Int
  let density: Double
  let scale: Double
  let seed: UInt64
  var testDescription: String { "\(inputs) \(widths) \(outputs) \(density) ×\(scale) seed \(seed)" }

  static let all: [FormCase] =
    [[4], [5, 5], [6, 4, 7], [1, 1, 1], [3, 3, 3, 3, 3]].flatMap { widths in
      [0.4, 1].map {
        FormCase(inputs: 4, widths: widths, outputs: 3, density: $0, scale: 1, seed: 3)
      }
    } + [
      FormCase(inputs: 40, widths: [5, 4], outputs: 2, density: 1, scale: 1, seed: 4),
      FormCase(inputs: 3, widths: [6, 6], outputs: 2, density: 0.6, scale: 1e-6, seed: 5),
      FormCase(inputs: 3, widths: [6, 6], outputs: 2, density: 0.6, scale: 1e6, seed: 6),
    ]

  private func number(_ stream: UInt64, _ index: Int) -> Double {
    2 * CounterRandom.uniform(stream: stream, counter: 0, index: UInt64(index)) - 1
  }

  private func terms(_ rows: Int, before block: Int, _ blocks: [Range<Int>]) -> [NeuronForm.Term] {
    (0..<block).compactMap { source in
      let stream = CounterRandom.stream(seed: seed, "\(block) \(source)")
      // The block before is always read.
      guard source == block - 1 || (number(stream, 1 << 20) + 1) / 2 < density else { return nil }
      let elements = (0..<rows * blocks[source].count).map { scale * number(stream, $0) }
      return NeuronForm.Term(source: source, elements: elements, error: .zero)
    }
  }

  var form: NeuronForm {
    var blocks = [0..<inputs]
    for width in widths {
      let end = blocks[blocks.count - 1].upperBound
      blocks.append(end..<end + width)
    }
    return NeuronForm(
      blocks: blocks,
      terms: widths.enumerated().map { terms($1, before: $0 + 1, blocks) },
      output: terms(outputs, before: blocks.count, blocks), outputs: outputs)
  }

  /// Δy for a change of the argument, with drawn difference quotients of the neurons in {0, 1}.
  func outputs(_ change: [Double], _ counter: UInt64) -> [Double] {
    let form = form
    var values = change
    let stream = CounterRandom.stream(seed: seed, "quotients")
    func image(_ terms: [NeuronForm.Term], _ rows: Int) -> [Double] {
      var sums = Array(repeating: 0.0, count: rows)
      for term in terms {
        let columns = form.blocks[term.source]
        for row in 0..<rows {
          for (k, column) in columns.enumerated() {
            sums[row] += term.elements[row * columns.count + k] * values[column]
          }
        }
      }
      return sums
    }
    for (block, terms) in form.terms.enumerated() {
      for z in image(terms, form.blocks[block + 1].count) {
        let uniform = CounterRandom.uniform(
          stream: stream, counter: counter, index: UInt64(values.count))
        values.append(uniform < 0.7 ? z : 0)
      }
    }
    return image(form.output, form.outputs)
  }
}

private func bound(_ form: NeuronForm) throws -> MultiplierBound {
  let rows = try #require(ReadingRows(form, .single))
  var search = MultiplierSearch(form.reduced(.single), .single)
  let last = search.run(finalGap: 1e-4)
  let point = try #require(last)
  return try #require(
    MultiplierBound(
      form, rows, multipliers: point.multipliers.map { $0 / point.square }, square: point.square,
      .single))
}

@Suite struct MultiplierTests {
  @Test(arguments: FormCase.all)
  private func noChangeExceedsTheBound(_ example: FormCase) throws {
    let bound = try bound(example.form)
    for counter in 0..<80 as Range<UInt64> {
      let stream = CounterRandom.stream(seed: example.seed, "change")
      let change = (0..<example.inputs).map {
        CounterRandom.uniform(stream: stream, counter: counter, index: UInt64($0)) - 0.5
      }
      let image = example.outputs(change, counter)
      let length = Self.size(change)
      #expect(Self.size(image) <= bound.norm.value * length * (1 + 1e-12))
      for i in image.indices {
        for j in 0..<i {
          let limit = bound.differences[i * image.count + j].value
          #expect(abs(image[i] - image[j]) <= limit * length * (1 + 1e-12))
        }
      }
    }
  }

  /// A uniform multiplier for each layer is one point of the search.
  @Test(arguments: ChainCase.all.filter { $0.slope == .one && $0.scale == 1 })
  func theBoundIsAtMostThatOfAChain(_ example: ChainCase) throws {
    let chain = try #require(QuadraticChain(example.layers))
    let found = try bound(example.form)
    #expect(found.norm.value <= chain.norm.value * (1 + 1e-3))
  }

  @Test func aPairIsBoundedByItsOwnMultipliers() throws {
    let form = FormCase.all[4].form
    let all = try bound(form)
    let own = try bound(form.combining([(0, 1), (1, -1)]))
    #expect(own.norm.value <= all.differences[1].value * (1 + 1e-3))
  }

  /// For one output both searches find the least constant.
  @Test(arguments: FormCase.all)
  private func searchesAgreeForOneOutput(_ example: FormCase) throws {
    let form = example.form
    let difference = form.combining([(0, 1), (1, -1)])
    let rows = try #require(ReadingRows(difference, .single))
    let start = try bound(form).multipliers
    var search = SingleOutputSearch(difference, couplings: form.couplings, rows: rows)
    let found = search.run(from: start)
    let point = try #require(found).best
    let (own, least) = (point.square.squareRoot(), try bound(difference).norm.value)
    #expect(own >= least * (1 - 1e-3) && own <= least * (1 + 5e-3), "\(own), \(least)")
    let proved = try #require(
      MultiplierBound(
        difference, rows, multipliers: point.multipliers, square: point.square, .single))
    #expect(proved.norm.value <= own * (1 + 1e-3))
  }

  @Test func multipliersThatProveNothingAreRefused() throws {
    let form = FormCase.all[0].form
    let rows = try #require(ReadingRows(form, .single))
    for multiplier in [-1.0, 0, .nan, .infinity, 1e9] {
      let multipliers = Array(repeating: multiplier, count: form.neurons)
      #expect(MultiplierBound(form, rows, multipliers: multipliers, square: 1, .single) == nil)
    }
  }

  /// The numbers do not depend on the number of workers.
  @Test func workersDoNotMatter() throws {
    let form = FormCase(
      inputs: 150, widths: [140, 120], outputs: 3, density: 1, scale: 0.1, seed: 8
    ).form
    var found: [[Double]] = []
    for workers in [1, 3] {
      var search = MultiplierSearch(form.reduced(.init(workers)), .init(workers))
      let point = search.run(finalGap: 0.1)
      found.append(try #require(point).multipliers)
    }
    let isEqual = found[0] == found[1]
    #expect(isEqual)
  }

  private static func size(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

extension ChainCase {
  /// The chain as a form.
  fileprivate var form: NeuronForm {
    var blocks = [0..<widths[0]]
    for width in widths.dropFirst().dropLast() {
      let end = blocks[blocks.count - 1].upperBound
      blocks.append(end..<end + width)
    }
    let terms = weights.enumerated().map { index, weight in
      [NeuronForm.Term(source: index, elements: weight, error: .zero)]
    }
    return NeuronForm(
      blocks: blocks, terms: Array(terms.dropLast()), output: terms[terms.count - 1],
      outputs: widths[widths.count - 1])
  }
}

/// Layers between identities, whose constants are known.
private struct KnownPart: Sendable {
  let name: String
  let layers: [(LayerBound, [Int])]
  let constant: Double
  /// The same layers with a mistake in what they state: each makes the constant too small.
  let wrong: [[(LayerBound, [Int])]]

  private static func dense(_ name: String) -> LayerBound {
    .linear(LinearOperator(name: name, form: .dense(weight: name, inputs: 2, outputs: 2)))
  }

  private static func around(_ layer: LayerBound) -> [(LayerBound, [Int])] {
    [(dense("a"), [0]), (layer, [1]), (dense("b"), [2])]
  }

  private static let half = BoundConstant.rational(1, 2)
  private static let sorted = Comparisons(groups: [[0, 1]], outputs: [0, 1]) { _ in [(0, 1)] }

  static let all = [
    KnownPart(
      name: "relu", layers: around(.elementwise(Slopes(positive: .one))), constant: 1,
      wrong: [around(.elementwise(Slopes(positive: half)))]),
    KnownPart(
      name: "abs", layers: around(.elementwise(Slopes(negative: .one, positive: .one))),
      constant: 1,
      wrong: [around(.elementwise(Slopes(negative: half, positive: half)))]),
    KnownPart(
      name: "leaky relu",
      layers: around(.elementwise(Slopes(positive: .one, leastPositive: .rational(1, 10)))),
      constant: 1,
      wrong: [around(.elementwise(Slopes(positive: half, leastPositive: .rational(1, 10))))]),
    KnownPart(
      name: "steep",
      layers: around(.elementwise(Slopes(negative: half, positive: .rational(3, 1)))), constant: 3,
      wrong: [around(.elementwise(Slopes(negative: half, positive: .rational(2, 1))))]),
    KnownPart(name: "max_min", layers: around(.comparisons(sorted)), constant: 1, wrong: []),
    KnownPart(
      name: "x + relu(x)",
      layers: [
        (dense("a"), [0]), (.elementwise(Slopes(positive: .one)), [1]), (.addition, [1, 2]),
        (dense("b"), [3]),
      ], constant: 2,
      wrong: [around(.elementwise(Slopes(positive: .one)))]),
  ]

  static func norm(_ layers: [(LayerBound, [Int])]) throws -> Double {
    try #require(try bound(layers)).norm.value
  }

  static func bound(
    _ layers: [(LayerBound, [Int])], known: UpperBound = .infinity, weights: [Float] = [1, 0, 0, 1]
  ) throws -> RegionBound? {
    let region = try region(layers)
    #expect(region.source == 0)
    return RegionBound(
      region, known: known, pairs: (.infinity, 1e9), { _ in weights }, .single)
  }

  static func operators(_ layers: [(LayerBound, [Int])]) -> [LinearOperator] {
    layers.compactMap { layer, _ in
      guard case .linear(let map) = layer else { return nil }
      return map
    }
  }

  static func region(_ layers: [(LayerBound, [Int])]) throws -> NeuronRegion {
    let model = modelOfBounds(layers)
    return try #require(
      NeuronRegion.parts(
        endingAt: model.output.position, model, ModelBounds(of: model).layers
      ).first)
  }
}

@Suite struct KnownPartTests {
  @Test(arguments: KnownPart.all.indices)
  func constantsAreReached(_ index: Int) throws {
    let part = KnownPart.all[index]
    let norm = try KnownPart.norm(part.layers)
    #expect(norm >= part.constant && norm <= part.constant * 1.01, "\(part.name): \(norm)")
  }

  /// Nothing is looked for where the product rule's constant is reached, by the part and by each difference.
  @Test(arguments: KnownPart.all.indices)
  func noMultipliersAreLookedForInVain(_ index: Int) throws {
    let part = KnownPart.all[index]
    let found = try KnownPart.bound(part.layers, known: UpperBound(proven: part.constant * 1.01))
    #expect(found != nil, "\(part.name)")
    if part.name == "max_min" {
      #expect(try KnownPart.bound(part.layers, known: .one) == nil)
      // The first output reaches the constant, the difference of the two does not.
      #expect(try KnownPart.bound(part.layers, known: .one, weights: [1, 0, 0, 0.5]) != nil)
    }
  }

  /// The product rule for layers one after another, and for no others.
  @Test func productsAreThoseOfTheLayers() throws {
    for part in KnownPart.all {
      let region = try KnownPart.region(part.layers)
      let norms = OperatorNorms(operators: KnownPart.operators(part.layers)) { _ in [2, 0, 0, 2] }
      let product = region.product(norms).value
      if part.name == "x + relu(x)" {
        #expect(product == .infinity)
      } else {
        #expect(product >= 4 * part.constant && product <= 4.001 * part.constant, "\(part.name)")
      }
    }
  }

  /// A part that takes few operations does not hide the whole network from a longer search.
  @Test func theLargestPartIsPlannedToo() throws {
    let widths = [800, 800, 50, 10]
    var nodes: [Model.Node] = []
    let span = Span(SourceFile(path: "test", text: ""), 0, 0)
    func append(_ bound: LayerBound, _ input: Int, _ output: Int) {
      nodes.append(
        Model.Node(
          name: "n\(nodes.count)", layer: BoundOnly(bound),
          operands: [nodes.isEmpty ? .input : .node(nodes.count - 1)], inputShapes: [[input]],
          outputShape: [output], parameters: [], configuration: [], span: span))
    }
    for (input, output) in zip(widths, widths.dropFirst()) {
      if !nodes.isEmpty { append(.elementwise(Slopes(positive: .one)), input, input) }
      let map = LinearOperator.Form.dense(weight: "w\(output)", inputs: input, outputs: output)
      append(.linear(LinearOperator(name: "n\(nodes.count)", form: map)), input, output)
    }
    let model = Model(
      name: "m", inputShape: [800], nodes: nodes, output: .node(nodes.count - 1))
    let planned = ModelBounds(of: model).plan.nodes.last
    #expect(planned?.regions.map(\.source) == [2, 0])
    #expect(planned?.regions.map(\.neurons) == [50, 850])
  }

  /// A range of slopes that is too narrow, or a branch that is forgotten, is seen.
  @Test(arguments: KnownPart.all.indices)
  func mistakesAreSeen(_ index: Int) throws {
    for layers in KnownPart.all[index].wrong {
      #expect(try KnownPart.norm(layers) < KnownPart.all[index].constant * 0.99)
    }
  }
}
