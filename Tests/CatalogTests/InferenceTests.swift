import Diagnostics
import ModelIR
import Testing

@testable import Catalog

/// Shape inference over decoded layers, its faults, and the IR's text.
struct InferenceTests {
  static let file = SourceFile(path: "model", text: "input one two three four five")
  static let input = Span(file, 0, 5)

  static func spec(
    _ name: String, _ type: any Layer.Type, _ keys: String = "", from: [LayerSpec.Reference],
    at offset: Int = 6
  ) -> LayerSpec {
    var faults: [Diagnostic] = []
    let layer = type.read(keys, &faults)
    return LayerSpec(
      name: name, kind: type.kind, layer: layer, inputs: from, span: Span(file, offset, offset + 3))
  }

  static func infer(
    _ shape: [Int], _ layers: [LayerSpec]
  ) -> (Model?, [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    let model = Model.infer(
      name: "m", inputShape: shape, inputSpan: input, layers: layers, &diagnostics)
    return (model, diagnostics)
  }

  @Test func everyEdgeGetsAShape() throws {
    let (model, diagnostics) = Self.infer(
      [1, 8, 8],
      [
        Self.spec("c", Conv2DLayer.self, "{filters: 4, kernel: 3, stride: 2}", from: [.input]),
        Self.spec("r", ReLULayer.self, from: [.node(0)]),
        Self.spec("a", AddLayer.self, from: [.node(0), .node(1)]),
        Self.spec("f", FlattenLayer.self, from: [.node(2)]),
        Self.spec("d", DenseLayer.self, "10", from: [.node(3)]),
      ])
    let found = try #require(model)
    #expect(diagnostics.isEmpty)
    #expect(found.nodes.map(\.outputShape) == [[4, 3, 3], [4, 3, 3], [4, 3, 3], [36], [10]])
    #expect(found.output == .node(4))
    #expect(found.verify().isEmpty)
  }

  @Test func aFaultSaysWhatWasFoundAndSilencesFollowers() {
    let (model, diagnostics) = Self.infer(
      [1, 8, 8],
      [
        Self.spec("d", DenseLayer.self, "10", from: [.input], at: 6),
        Self.spec("e", DenseLayer.self, "10", from: [.node(0)], at: 10),
        Self.spec("m", MaxMinLayer.self, from: [.input], at: 14),
      ])
    #expect(model == nil)
    #expect(
      diagnostics.map(\.message) == [
        "'d' needs a vector [features], found [1, 8, 8]",
        "'m' needs a number of channels divisible by 2, found [1, 8, 8]",
      ])
    #expect(diagnostics[0].help == "put 'flatten' before it")
    #expect(diagnostics[0].notes.map(\.span) == [Self.input])
  }

  @Test func absurdSizesAreFaultsAndDoNotTrap() {
    for shape in [[0, 3, 3], [1 << 40, 1, 1], [1 << 20, 1 << 20, 1 << 40], [-1, 2, 2]] {
      let (model, diagnostics) = Self.infer(shape, [])
      #expect(model == nil && diagnostics.count == 1)
    }
    let wide = Self.infer(
      [1 << 20], [Self.spec("d", DenseLayer.self, "\(1 << 20)", from: [.input])])
    #expect(wide.0 == nil && wide.1.count == 1)
  }

  /// Extreme but accepted keys on every kind of shape: a shape or a fault, never a trap.
  @Test(arguments: LayerCase.all)
  func extremeShapesGiveShapesOrFaults(_ layerCase: LayerCase) {
    let shapes = [
      [], [1], [1 << 31], [2, 1 << 30], [1 << 20, 1 << 11, 1], [1, 1, 1], [3, 1, 2, 2],
      [1, 46340, 46340],
    ]
    for shape in shapes {
      let inputs = layerCase.shapes.map { _ in shape }
      guard let output = try? layerCase.layer.outputShape(of: inputs) else { continue }
      #expect(!output.contains { $0 < 0 })
      if ElementCount.of(shape) != nil { _ = layerCase.layer.parameters(for: inputs) }
    }
  }

  @Test func printedModelsParseBack() throws {
    let examples = LayerCase.all.enumerated().filter { $0.element.shapes.count == 1 }
    for (index, layerCase) in examples {
      let text = """
        model: "a model"
        input: \(layerCase.shapes[0])
        nodes:
          - {node: 0, name: n\(index), kind: \(layerCase.kind), keys: \
        \(layerCase.keys.isEmpty ? "{}" : layerCase.keys), from: [input], shape: \
        \(layerCase.outputShape)}
        output: 0
        """
      var diagnostics: [Diagnostic] = []
      let model = Model.parse(
        SourceFile(path: "ir", text: text), registry: Catalog.registry, &diagnostics)
      let first = try #require(model, "\(layerCase.kind) \(diagnostics.map(\.message))")
      let again = Model.parse(
        SourceFile(path: "ir", text: first.description), registry: Catalog.registry, &diagnostics)
      #expect(again?.description == first.description, "\(diagnostics.map(\.message))")
      #expect(again?.verify().isEmpty == true)
    }
  }

  @Test func aFalseClaimIsFound() {
    let text = """
      model: m
      input: [3]
      nodes:
        - {node: 0, name: a, kind: relu, from: [input], shape: [4]}
      output: 0
      """
    var diagnostics: [Diagnostic] = []
    let file = SourceFile(path: "ir", text: text)
    #expect(Model.parse(file, registry: Catalog.registry, &diagnostics) == nil)
    #expect(diagnostics.map(\.message) == ["'a' must have shape [3], found [4]"])
  }
}
