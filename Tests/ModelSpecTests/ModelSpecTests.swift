import ModelIR
import SpecSyntax
import Testing

/// The example of the contract, without attacks.
let example = """
  lmt: 1
  name: mnist-cnn
  let: {c: 1, width: 100}
  data:
    format: idx
    train: data/mnist-5k
    test: data/mnist-5k
    scale: 1/255
    classes: 10
  network:
    input: [1, 28, 28]
    layers:
      - conv2d: {filters: 16, kernel: 4, stride: 2, padding: 1}
      - relu
      - conv2d: {name: second, filters: 32, kernel: 4, stride: 2, padding: 1}
      - relu
      - flatten
      - dense: {units: "${width}"}
      - relu
      - dense: 10
  train:
    loss: {lmt: {c: "${c}", variant: pairwise}}
    optimizer: {adam: {learning_rate: 1e-3}}
    epochs: 20
    batch: 50
    schedule: {c: {ramp: {from: 1e-5, epochs: 5}}}
    seed: 1
  certify:
    radii: [0.1, 36/255, 1]
  require:
    - lipschitz <= 20
    - certified_accuracy(36/255) >= 0.8

  """

@Suite struct ModelSpecTests {
  @Test func readsTheExample() throws {
    let (read, faults, _) = readSpec(example)
    #expect(faults.isEmpty)
    let spec = try #require(read)
    #expect(spec.name == "mnist-cnn")
    #expect(
      spec.network.layers.map(\.name) == [
        "conv2d_1", "relu_1", "second", "relu_2", "flatten_1", "dense_1", "relu_3", "dense_2",
      ])
    let first = try #require(spec.network.layers.first)
    #expect((first.span.line, first.span.column) == (13, 7))
    #expect(first.span.upper - first.span.lower == "conv2d".utf8.count)
    let data = try #require(spec.data)
    #expect(data.scale.rational == Rational(1, over: 255) && data.classes == 10)
    #expect(spec.resolve("data/mnist-5k") == "specs/data/mnist-5k")
    let train = try #require(spec.train)
    #expect(train.loss.kind == "lmt" && train.loss.value.marginWeight == 1)
    #expect(train.marginSchedule.value == .ramp(from: 1e-5, epochs: 5))
    #expect(train.learningRateSchedule.value == .constant)
    #expect(spec.certify.radii.map(\.text) == ["0.1", "36/255", "1"])
    #expect(spec.requirements[0].quantity == .lipschitz)
    #expect(
      spec.requirements[1].quantity == .certifiedAccuracy(try ExactNumber("36/255"), class: nil))
  }

  @Test func whatIsLeftOutHasDefaults() throws {
    let (read, faults, _) = readSpec(
      "lmt: 1\nname: a\nnetwork: {input: [2], layers: [dense: 2]}\ntrain: {}\n")
    #expect(faults.isEmpty)
    let spec = try #require(read)
    let train = try #require(spec.train)
    #expect(train.loss.kind == "cross_entropy" && train.optimizer.kind == "adam")
    #expect((train.epochs, train.batch, train.seed) == (20, 50, 1))
    #expect(train.shuffle && train.validation == 0)
    #expect(spec.certify.radii.map(\.text) == ["0.1", "0.3", "1"])
    #expect(spec.data == nil && spec.requirements.isEmpty)
  }

  @Test(arguments: [
    example,
    """
    lmt: 1
    name: graph
    data: {format: synthetic, samples: 5}
    define:
      block:
        parameters: {width: 4, name: }
        layers:
          - residual:
              branch: [conv2d: {name: "${name}_a", filters: "${width}", kernel: 3, padding: same}, relu]
    network:
      input: [4, 6, 6]
      layers:
        - repeat: {times: 2, index: i, layers: [block: {name: "b${i}"}]}
        - parallel: {branches: [[relu], [abs, {leaky_relu: 0.1}]], merge: concat}
        - concat: {name: all, from: [input, add_1, concat_1]}
        - flatten
        - dense: {units: 3*1, bias: false}
    train: {schedule: {learning_rate: {step: {every: 2}}, warmup: 1/2}, validation: 1/3}
    """,
  ]) func theWrittenOutSpecReadsBackEqual(text: String) throws {
    let (read, faults, _) = readSpec(text)
    #expect(faults.isEmpty)
    let spec = try #require(read)
    let yaml = spec.yaml()
    let (again, secondFaults, _) = readSpec(yaml)
    #expect(secondFaults.isEmpty)
    let copy = try #require(again)
    #expect(copy.yaml() == yaml)
    #expect(copy.network.layers.map(\.name) == spec.network.layers.map(\.name))
    #expect(copy.network.layers.map(\.inputs) == spec.network.layers.map(\.inputs))
    #expect(copy.train?.validation == spec.train?.validation)
  }

  @Test func aConvexResidualScalesBothOfItsTerms() throws {
    let spec = try #require(
      readSpec(
        """
        lmt: 1
        name: convex
        network:
          input: [4]
          layers: [residual: {name: sum, convex: 1/4, branch: [tanh]}, dense: 2]
        """
      ).spec)
    let layers = spec.network.layers
    #expect(layers.map(\.kind) == ["tanh", "scale", "scale", "add", "dense"])
    #expect(layers.map(\.inputs)[1...3] == [[.node(0)], [.input], [.node(1), .node(2)]])
    #expect(layers[1].configuration.map(\.text) == ["0.25"])
    #expect(layers[2].configuration.map(\.text) == ["0.75"])
    #expect(layers[3].name == "sum")
  }

  @Test func aLearntConvexResidualHasTwoGatesOfAGroupOfItsOwn() throws {
    let spec = try #require(
      readSpec(
        """
        lmt: 1
        name: convex
        network:
          input: [4]
          layers:
            - repeat: {times: 2, layers: [residual: {convex: learnt, branch: [tanh]}]}
            - dense: 2
        """
      ).spec)
    let gates = spec.network.layers.filter { $0.kind == "gate" }
    let groups = gates.map { $0.configuration.first { $0.key == "group" }?.text }
    #expect(gates.count == 4 && groups[0] == groups[1] && groups[2] == groups[3])
    #expect(groups[0] != groups[2])
  }

  @Test func theWrittenOutSpecCanMovePaths() throws {
    let spec = try #require(readSpec(example).spec)
    #expect(spec.yaml { "../../" + spec.resolve($0) }.contains("train: ../../specs/data/mnist-5k"))
  }

  @Test func warmupMultipliesTheSchedule() throws {
    let (spec, faults, _) = readSpec(
      """
      lmt: 1
      name: a
      network: {input: [2], layers: [dense: 2]}
      train:
        optimizer: {sgd: {learning_rate: 8}}
        epochs: 9
        schedule: {learning_rate: {step: {every: 2, factor: 0.5}}, warmup: 4}
      """)
    #expect(faults.isEmpty)
    let train = try #require(spec?.train)
    #expect([0, 1, 2, 3, 4, 6].map(train.learningRate) == [0, 2, 2, 3, 2, 1])
  }

  @Test func schedulesFollowTheirFormulas() {
    let ramp = ScheduleSpec.ramp(from: 0, epochs: 4)
    #expect([0, 1, 4, 9].map { ramp.value(base: 2, progress: $0, epochs: 10) } == [0, 0.5, 2, 2])
    let step = ScheduleSpec.step(every: 2, factor: 0.5)
    #expect([0, 1.9, 2, 5].map { step.value(base: 8, progress: $0, epochs: 9) } == [8, 8, 4, 2])
    let milestones = ScheduleSpec.milestones(at: [2, 5], factor: 0.5)
    #expect(
      [0, 1.9, 2, 4.9, 5, 9].map { milestones.value(base: 8, progress: $0, epochs: 9) }
        == [8, 8, 4, 4, 2, 2])
    let cosine = ScheduleSpec.cosine(to: 1)
    #expect([0, 5, 10].map { cosine.value(base: 3, progress: $0, epochs: 10) } == [3, 2, 1])
    #expect(ScheduleSpec.constant.value(base: 7, progress: 3, epochs: 4) == 7)
  }
}
