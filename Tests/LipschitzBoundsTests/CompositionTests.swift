import BoundAlgebra
import Diagnostics
import Enclosure
import ModelIR
import TensorGraph
import Testing

@testable import LipschitzBounds

/// A layer that only has a bound.
struct BoundOnly: Layer {
  static let kind = "bound_only"
  static let examples: [LayerExample] = []
  let stated: LayerBound

  init(_ stated: LayerBound) { self.stated = stated }
  init(from reader: inout ConfigReader) { stated = .unbounded("only for tests") }
  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { inputs[0] }
  func bound(in context: LayerBoundContext) -> LayerBound { stated }
  func lower(_ context: LoweringContext) -> Tensor { context.input }
}

private func linear(_ name: String) -> LayerBound {
  .linear(LinearOperator(name: name, form: .dense(weight: "\(name).weight", inputs: 2, outputs: 2)))
}

private let relu = LayerBound.elementwise(Slopes(positive: .one))

/// A model of layers with the positions of their operands; 0 is the input.
func modelOfBounds(_ layers: [(LayerBound, [Int])], output: Int? = nil) -> Model {
  let span = Span(SourceFile(path: "test", text: ""), 0, 0)
  func operand(_ position: Int) -> Model.Node.Operand {
    position == 0 ? .input : .node(position - 1)
  }
  let nodes = layers.enumerated().map { index, layer in
    Model.Node(
      name: "n\(index)", layer: BoundOnly(layer.0), operands: layer.1.map(operand),
      inputShapes: layer.1.map { _ in [2] },
      outputShape: layer.0 == .concatenation ? [2 * layer.1.count] : [2], parameters: [],
      configuration: [], span: span)
  }
  return Model(
    name: "m", inputShape: [2], nodes: nodes, output: operand(output ?? layers.count))
}

private func bounds(_ layers: [(LayerBound, [Int])], output: Int? = nil) -> ModelBounds {
  ModelBounds(of: modelOfBounds(layers, output: output))
}

@Suite struct CompositionTests {
  @Test func chainsMultiplyAndEndInAHead() throws {
    let found = bounds([(linear("a"), [0]), (relu, [1]), (linear("b"), [2])])
    #expect(found.network.description == "σ(a)·σ(b)")
    #expect(found.upTo.map { $0.simplified().description } == ["σ(a)", "σ(a)", "σ(a)·σ(b)"])
    #expect(found.own.map(\.description) == ["σ(a)", "1", "σ(b)"])
    #expect(found.operators.map(\.name) == ["a", "b"])
    let head = try #require(found.head)
    #expect(head.before.description == "σ(a)")
    #expect(head.weight == "b.weight" && head.node == 2)
  }

  @Test(arguments: [
    ([(linear("a"), [0]), (LayerBound.addition, [1, 0])], "σ(a) + 1"),
    ([(linear("a"), [0]), (.addition, [1, 1])], "2·σ(a)"),
    ([(linear("a"), [0]), (.concatenation, [1, 1])], "σ(a)·√2"),
    ([(linear("a"), [0]), (.concatenation, [1, 0])], "√(σ(a)² + 1)"),
    (
      [(linear("a"), [0]), (linear("b"), [1]), (.addition, [2, 1]), (linear("c"), [3])],
      "σ(a)·(σ(b) + 1)·σ(c)"
    ),
    ([(.addition, [0, 0, 0])], "3"),
    ([], "1"),
  ])
  func rules(_ layers: [(LayerBound, [Int])], _ text: String) {
    #expect(bounds(layers).network.description == text)
  }

  @Test func missingBoundsAbsorbAndNameTheirCause() {
    let found = bounds([(linear("a"), [0]), (.unbounded("why"), [1]), (.addition, [2, 0])])
    #expect(found.network.unboundedCauses.map(\.reason) == ["why"])
    #expect(found.upTo[0].unboundedCauses.isEmpty && !found.upTo[1].unboundedCauses.isEmpty)
    #expect(bounds([(.unbounded("why"), [0]), (linear("a"), [0])]).network.unboundedCauses.isEmpty)
  }

  @Test func residualChainsStayLinear() {
    var layers: [(LayerBound, [Int])] = []
    for block in 0..<200 {
      let input = layers.count
      layers.append((linear("a\(block)"), [input]))
      layers.append((.addition, [input + 1, input]))
    }
    let found = bounds(layers)
    #expect(found.network.symbols.count == 200)
    #expect(found.network.description.count < 4_000)
    #expect(found.network.evaluate { _ in .one }.value == 0x1p200)
  }

  @Test func longChainsAreQuick() {
    let layers = (0..<3_000).map { (linear("a\($0)"), [$0]) }
    let found = bounds(layers)
    #expect(found.network.symbols.count == 3_000)
    #expect(found.upTo[2_999].evaluate { _ in .one } == .one)
  }

  @Test func exponentialExpressionsAreUnbounded() {
    var layers: [(LayerBound, [Int])] = [(linear("a"), [0]), (.addition, [0, 1])]
    for index in 2..<60 { layers.append((.addition, [index, index - 1])) }
    #expect(!bounds(layers).network.unboundedCauses.isEmpty)
  }

  @Test func sumsAndRootsAreNotInterchangeable() {
    // x + x has constant 2, so the root of the sum of squares would be too small. (x, x) has constant √2,
    // so the larger of the two would be too small.
    let norm: (NormSymbol) -> UpperBound = { _ in .one }
    let added = bounds([(linear("a"), [0]), (linear("b"), [0]), (.addition, [1, 2])])
    #expect(added.network.evaluate(norm).value >= 2)
    let beside = bounds([(linear("a"), [0]), (linear("b"), [0]), (.concatenation, [1, 2])])
    #expect(beside.network.evaluate(norm).value >= 1.4142135623730951)
    #expect(beside.network.evaluate(norm).value <= 1.4142135623730956)
  }

  /// A final dense layer alone, with a bound of the network.
  private func finalDense(_ weight: [Float], count: Int = 3, network: UpperBound) -> PairwiseHead {
    let distance = BoundExpr.norm(NormSymbol(.headDistance, "head"))
    return PairwiseHead(
      count: count,
      [
        .init(expression: distance, values: PairwiseHead.distances(weight, count: count)),
        .init(expression: .norm(.network), values: [.rootTwo * network]),
      ])
  }

  @Test func pairsAreNeverWorseThanTheWholeNetwork() {
    let weight: [Float] = [3, 0, 0, 4, -3, 0]
    let head = finalDense(weight, network: UpperBound(proven: 5))
    #expect(head[0, 1].value >= 5 && head[0, 1].value <= 5.0000001)
    #expect(head[0, 2].value >= 6 && head[0, 2].value <= 6.0000001)
    #expect(head[1, 0] == head[0, 1] && head[1, 1] == .zero)
    #expect(head.largest == head[0, 2] && head.largestPair == (2, 0))
    #expect(head.largestExpression.description == "‖wᵢ − wⱼ‖")
    let capped = finalDense(weight, network: .one)
    #expect(capped.largest == .rootTwo && capped.largestExpression == .norm(.network))
    let broken = finalDense([.nan, 1], count: 2, network: .infinity)
    #expect(broken[0, 1] == .infinity)
  }

  @Test func differencesOfDistantMagnitudesAreRoundedUp() {
    let head = finalDense([1, -0x1p-80], count: 2, network: UpperBound(proven: 1e9))
    #expect(head[0, 1].value > 1)
  }

  @Test func slopesGiveTheLargerMagnitude() {
    #expect(Slopes(negative: .rational(1, 3), positive: .one).largestMagnitude == .one)
    #expect(
      Slopes(negative: .rational(3, 1), positive: .one).largestMagnitude == .rational(3, 1))
    #expect(
      Slopes(negative: .rational(1, 3), positive: .rational(1, 3)).largestMagnitude
        == .rational(1, 3))
  }
}
