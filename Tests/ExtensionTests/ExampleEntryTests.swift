import Diagnostics
import Enclosure
import Execution
import GraphTestSupport
import ModelIR
import TensorGraph
import Testing

@testable import LipschitzBounds

/// The example entries by themselves, against what they state.
@Suite struct ExampleEntryTests {
  static func entry<Entry: CatalogEntry>(_ type: Entry.Type, _ keys: String) throws -> Entry {
    var diagnostics: [Diagnostic] = []
    let entry = type.read(keys, &diagnostics)
    return try #require(entry, "\(DiagnosticText().render(diagnostics))")
  }

  static func numbers(_ count: Int, _ name: String, scale: Double = 1) -> [Double] {
    let stream = CounterRandom.stream(seed: 1, name)
    return (0..<count).map {
      scale * (2 * CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 1)
    }
  }

  @Test(arguments: SoftsignLayer.examples.map(\.keys))
  func slopesOfTheLayerStayInTheirRange(keys: String) throws {
    let builder = GraphBuilder("layer")
    let x = builder.input("x", [1, 401])
    let layer = try Self.entry(SoftsignLayer.self, keys)
    builder.output(
      "y",
      layer.lower(
        LoweringContext(
          builder: builder, inputs: [x], mode: .inference, name: "layer", parameters: [:])))
    let points = (-200...200).map { Double($0) / 64 }
    let values = try #require(evaluate(builder.graph, inputs: ["x": points])["y"])
    let slopes = zip(values.dropFirst(), values).map { 64 * ($0 - $1) }
    #expect(slopes.allSatisfy { $0 > 0 && $0 <= 1 })
    #expect(try #require(slopes.max()) > 0.9)
  }

  @Test func theLossIsItsFormula() throws {
    let builder = GraphBuilder("loss")
    let logits = builder.literal([3, 1, 0, 0, 0.25, -1], [2, 3])
    let labels = builder.literal([1, 0, 0, 0, 1, 0], [2, 3])
    let one = builder.constant(1, [])
    let loss = try Self.entry(HingeLoss.self, "0.5")
    builder.output(
      "y",
      loss.lower(
        LossContext(
          builder: builder, logits: logits, labels: labels, networkBound: one, head: nil,
          marginWeight: one)))
    #expect(evaluate(builder.graph)["y"] == [(0 + 0.25) / 2])
  }

  @Test func theUpdateIsItsFormula() throws {
    let builder = GraphBuilder("update")
    let optimizer = try Self.entry(RMSPropOptimizer.self, "{learning_rate: 0.1, decay: 0.5}")
    let (parameter, slots) = optimizer.update(
      UpdateContext(
        builder: builder, parameter: builder.literal([1], [1]),
        gradient: builder.literal([3], [1]), slots: [builder.literal([7], [1])],
        learningRate: builder.constant(0.1, []), step: builder.constant(1, []), decays: true))
    builder.output("p", parameter)
    builder.output("square", slots[0])
    let result = evaluate(builder.graph)
    #expect(result["square"] == [8])
    #expect(abs(try #require(result["p"])[0] - (1 - 0.3 / 8.0.squareRoot())) < 1e-8)
  }

  @Test func aParametrizedWeightHasNormOne() throws {
    let parametrization = try Self.entry(FrobeniusParametrization.self, "")
    let builder = GraphBuilder("weight")
    let free = builder.literal([3, 0, 0, 4], [2, 2])
    builder.output("y", parametrization.weight(from: free, of: FilterMap(rows: 2, columns: 2)))
    #expect(evaluate(builder.graph)["y"] == [0.6, 0, 0, 0.8])
  }

  @Test func thePenaltyIsItsFormula() throws {
    let regularizer = try Self.entry(LassoRegularizer.self, "0.5")
    guard case .ofWeight(let penalty) = try #require(regularizer.penalty) else {
      Issue.record("the penalty is a function of the weight")
      return
    }
    let builder = GraphBuilder("penalty")
    builder.output("y", penalty(builder.literal([1, -2, 0, 4], [2, 2])))
    #expect(evaluate(builder.graph)["y"] == [3.5])
  }

  @Test func theAttackMovesByTheRadius() throws {
    let attack = try Self.entry(RandomDirectionAttack.self, "4")
    let builder = GraphBuilder("move")
    let original = builder.literal(Self.numbers(6, "x"), [2, 3])
    let zeros = builder.constant(0, [2])
    let scalar = builder.constant(0, [])
    let labels = builder.literal([1, 0, 0, 1], [2, 2])
    let move = attack.move(
      AttackContext(
        builder: builder, original: original, labels: labels,
        radii: builder.literal([0.5, 2], [2]), point: original, logits: labels,
        isAdversarial: zeros, slots: [], step: scalar, isLast: scalar, box: nil,
        noise: builder.literal(Self.numbers(6, "noise").map { ($0 + 1) / 2 }, [2, 3])))
    builder.output("lengths", (move.point - original).sampleNorms())
    let lengths = try #require(evaluate(builder.graph)["lengths"])
    #expect(zip(lengths, [0.5, 2]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func theAugmentationScalesTheSample() throws {
    let augmentation = try Self.entry(BrightnessAugmentation.self, "0.5")
    try augmentation.check([3])
    for sample in 0..<20 {
      var values: [Float] = [1, -2, 4]
      values.withUnsafeMutableBufferPointer {
        augmentation.apply(
          to: $0, shape: [3], draws: SampleDraws(seed: 1, place: 0, epoch: 0, sample: sample))
      }
      #expect((0.5...1.5).contains(values[0]))
      #expect(values[1] == -2 * values[0] && values[2] == 4 * values[0])
    }
  }

  @Test(arguments: [(1, 6), (5, 5), (7, 3)])
  func theMethodBoundsTheNorm(rows: Int, columns: Int) {
    let block = DenseBlock(
      rows: rows, columns: columns, elements: Self.numbers(rows * columns, "A"))
    #expect(FrobeniusMethod().cost(of: block) != nil)
    let bound = FrobeniusMethod().bound(block).upper
    let tight = CholeskyMethod().bound(block)
    #expect(bound.value >= tight.upper.value / (1 + 1e-6))
    #expect(bound.value <= tight.upper.value * Double(min(rows, columns)).squareRoot() * 1.001)
  }

  @Test(arguments: OperationCase.all) func theEngineComputesEveryOperation(
    _ example: OperationCase
  ) throws {
    let engine = try DoubleEngine().make(threads: nil).compile(example.graph)
    let inputs = example.inputs(seed: 5)
    for (name, elements) in inputs {
      engine.withInput(name) { buffer in
        for index in buffer.indices { buffer[index] = Float(elements[index]) }
      }
    }
    try engine.execute()
    for (name, elements) in evaluate(example.graph, inputs: inputs) {
      #expect(engine.read(name).elements == elements.map(Float.init))
    }
  }
}
