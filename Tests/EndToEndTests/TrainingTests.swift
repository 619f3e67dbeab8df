import CPUBackend
import Diagnostics
import Execution
import Testing

@testable import Certification
@testable import Commands
@testable import FileFormats
@testable import Files
@testable import Training

/// What training does to a network.
@Suite struct TrainingTests {
  @Test func theMarginRaisesTheMedianRadius() throws {
    // The search for better constants gains most where nothing was trained for a margin.
    let common = [
      "train.epochs=40", "train.optimizer={adam: 0.01}", "certify.effort=quick",
    ]
    func median(_ loss: String) throws -> Double {
      let (loading, weights) = try Workplace().train(set: common + ["train.loss=\(loss)"])
      return try loading.certify(weights).summary.medianRadius
    }
    let plain = try median("cross_entropy")
    #expect(plain > 0)
    #expect(try median("{lmt: {c: 0.5, variant: pairwise}}") > 1.2 * plain)
    #expect(try median("{lmt: {c: 0.5, variant: global}}") > 1.2 * plain)
  }

  @Test(arguments: [
    "{sgd: 0.1}", "{sgd: {learning_rate: 0.05, momentum: 0.9}}",
    "{sgd: {learning_rate: 0.05, momentum: 0.9, nesterov: true}}", "{adam: 0.01}",
    "{adamw: {learning_rate: 0.01, weight_decay: 0.1}}",
  ])
  func theLossFalls(optimizer: String) throws {
    let place = try Workplace()
    _ = try place.train(set: ["train.epochs=20", "train.optimizer=\(optimizer)"])
    let losses = try place.metrics(of: "run").compactMap { $0["loss"] }
    #expect(losses.count == 20)
    #expect(try #require(losses.last) < 0.8 * #require(losses.first), "\(losses)")
  }

  @Test(arguments: ["sgd", "adam", "adamw"])
  func weightDecayShrinksWeights(optimizer: String) throws {
    func squares(_ decay: Double) throws -> Float {
      let (_, weights) = try Workplace().train(set: [
        "train.epochs=20",
        "train.optimizer={\(optimizer): {learning_rate: 0.05, weight_decay: \(decay)}}",
      ])
      return weights.tensors["dense_1.weight"]?.elements.reduce(0) { $0 + $1 * $1 } ?? 0
    }
    #expect(try squares(0.3) < 0.9 * squares(0))
  }

  @Test func theSpectralNormIsHeldDown() throws {
    func bound(_ regularizers: String) throws -> Double {
      let (loading, weights) = try Workplace().train(set: [
        "train.epochs=20", "train.loss=cross_entropy", "train.optimizer={adam: 0.02}",
        "train.regularizers=\(regularizers)",
      ])
      return NetworkBounds(loading.compilation, weights: weights).upper.value
    }
    #expect(try bound("[{spectral_norm: 0.1}]") < 0.7 * bound("[]"))
  }

  /// Norms of hidden layers near 1, of a convolution's after its scaling below 1.
  @Test(arguments: [
    ["network.layers=[{dense: 3}, abs, dense: 3]"],
    [
      "network.input=[1, 2, 2]",
      "network.layers=[{conv2d: {filters: 3, kernel: 2, padding: 1}}, {scale: 1/2}, relu, flatten, dense: 3]",
    ],
  ])
  func parsevalNormalisesHiddenLayers(network: [String]) throws {
    func singular(_ regularizers: String) throws -> Double {
      let (loading, weights) = try Workplace().train(
        set: network + ["train.epochs=60", "train.regularizers=\(regularizers)"])
      let first = try #require(loading.compilation.model.nodes.first).name
      let weight = try #require(weights.tensors[first + ".weight"])
      // tr((WWᵀ − I)²) of the 3 rows: 0 where every singular value is 1.
      let columns = weight.elements.count / 3
      var sum = 0.0
      for i in 0..<3 {
        for j in 0..<3 {
          let entry = (0..<columns).reduce(0.0) {
            $0 + Double(weight.elements[i * columns + $1] * weight.elements[j * columns + $1])
          }
          sum += (entry - (i == j ? 1 : 0)) * (entry - (i == j ? 1 : 0))
        }
      }
      return sum
    }
    let (plain, retracted) = (try singular("[]"), try singular("[{parseval: 0.1}]"))
    #expect(retracted < 0.01 && plain > 0.1, "\(plain) and \(retracted)")
  }

  @Test func learntSharesStayAConvexCombination() throws {
    let (_, weights) = try Workplace().train(set: [
      "network.layers=[dense: 3, residual: {convex: learnt, branch: [dense: 3, relu, dense: 3]}]",
      "train.epochs=30", "train.optimizer={adam: 0.05}",
    ])
    let gates = ["gate_1.weight", "gate_2.weight"].compactMap {
      weights.tensors[$0]?.elements.first
    }
    #expect(gates.count == 2 && gates.allSatisfy { $0 >= 0 && $0 != 0.5 })
    #expect(abs(gates.reduce(0, +) - 1) < 1e-6, "\(gates)")
  }

  @Test func schedulesMoveTheMarginAndTheLearningRate() throws {
    let place = try Workplace()
    let ramp = ["train.epochs=8", "train.schedule.c={ramp: {from: 0.05, epochs: 4}}"]
    _ = try place.train(
      set: ramp + ["train.schedule.learning_rate={step: {every: 4, factor: 0.5}}"], into: "step")
    let margins = try place.metrics(of: "step").compactMap { $0["c"] }
    #expect(
      margins == margins.sorted() && margins[0] < 0.1 && margins.suffix(4) == [0.2, 0.2, 0.2, 0.2])
    let rates = try place.metrics(of: "step").compactMap { $0["learning_rate"] }
    #expect(rates == Array(repeating: 1e-3, count: 4) + Array(repeating: 5e-4, count: 4))
    _ = try place.train(set: ["train.schedule.learning_rate=cosine"], into: "cosine")
    let falling = try place.metrics(of: "cosine").compactMap { $0["learning_rate"] }
    #expect(falling == falling.sorted(by: >) && falling.count == 3)
  }

  /// The original's schedule: linear in the number of the step and not in that of the epoch.
  @Test func theRampRisesFromStepToStep() throws {
    let loading = try Workplace().loading(
      set: ["train.loss={lmt: {c: 0.5}}", "train.schedule.c={ramp: {from: 1e-5, epochs: 2}}"])
    let trainer = try loading.trainer()
    let length = 2 * trainer.stepsPerEpoch
    #expect(length == 8)
    for step in 0..<12 {
      let share = min(1, Double(step) / Double(length))
      let margin = try trainer.advance().marginWeight
      #expect(abs(margin - (1e-5 + share * (0.5 - 1e-5))) < 1e-15)
    }
  }

  @Test func theEstimateComesCloseToTheGuaranteedBoundFromBelow() throws {
    for layers in ["[dense: 8, relu, dense: 3]", "[dense: 8, max_min, dense: 6, abs, dense: 3]"] {
      let loading = try Workplace().loading(
        set: ["train.epochs=40", "network.layers=\(layers)", "train.optimizer={adam: 0.005}"])
      let trainer = try loading.trainer()
      var ratio = 0.0
      while !trainer.isFinished {
        let weights = Weights(trainer.snapshot().tensors)
        let estimate = try trainer.advance().lipschitz
        let norms = NetworkBounds(loading.compilation, weights: weights).norms
        ratio =
          estimate / loading.compilation.bounds.network.evaluate { norms[$0].upper }.value
        #expect(ratio < 1 + 1e-5)
      }
      #expect(ratio > 0.95)
    }
  }

  @Test func validationIsTakenFromTheTrainingData() throws {
    let place = try Workplace()
    let (loading, _) = try place.train(set: ["train.validation=0.25"])
    let accuracies = try place.metrics(of: "run").compactMap { $0["validation_accuracy"] }
    #expect(accuracies.count == 3 && accuracies.allSatisfy { ($0 * 15).rounded() == $0 * 15 })

    let all = try loading.samples(.train)
    let (training, held) = try all.split(
      validation: 0.25, seed: 1, span: try loading.training().span)
    let validation = try #require(held)
    #expect(training.count == 45 && validation.count == 15)
    let rows = { (set: SampleSet) in Set(try (0..<set.count).map { Array(try set[$0]) }) }
    #expect(try rows(training).isDisjoint(with: rows(validation)))
    #expect(try rows(training).union(rows(validation)) == rows(all))
    #expect(try rows(all).isDisjoint(with: rows(try loading.samples(.test))))
  }

  @Test func labelNoiseReplacesAShareOfWhatIsTrainedOn() throws {
    let overrides = ["data.samples=600", "train.validation=0.5"]
    let clean = try Workplace().loading(set: overrides).trainingSamples()
    let noisy = try Workplace().loading(set: overrides + ["train.label_noise=0.3"])
      .trainingSamples()
    #expect(noisy.validation?.labels == clean.validation?.labels)
    let pairs = zip(clean.training.labels, noisy.training.labels).filter { $0 != $1 }
    #expect(pairs.count == 90 && clean.training.count == 300)
    // Each of the other two classes about as often: 45 ± 3 deviations of 4.7.
    #expect((30...60).contains(pairs.count { ($0 + 1) % 3 == $1 }))
    #expect(try Array(noisy.training[7]) == Array(clean.training[7]))
    let again = try Workplace().loading(set: overrides + ["train.label_noise=0.3"])
    #expect(try again.trainingSamples().training.labels == noisy.training.labels)
    let other = try Workplace().loading(
      set: overrides + ["train.label_noise=0.3"], seed: 2
    ).trainingSamples()
    #expect(
      zip(other.training.labels, noisy.training.labels).contains { $0 != $1 })
  }

  @Test func labelNoiseLowersTheAccuracyOnItself() throws {
    let place = try Workplace()
    func accuracy(_ noise: Double) throws -> Double {
      let run = "noise-\(noise)"
      _ = try place.train(
        set: ["train.label_noise=\(noise)", "train.optimizer={adam: 0.02}", "train.epochs=20"],
        into: run)
      return try #require(place.metrics(of: run).last?["accuracy"])
    }
    #expect(try accuracy(0) > 0.9)
    #expect(try accuracy(0.4) < 0.8)
  }

  @Test func augmentationChangesTheBatchesAndNothingElse() throws {
    let images = ["network.input=[1, 2, 2]", "network.layers=[flatten, dense: 3]"]
    let place = try Workplace()
    let plain = try place.train(set: images + ["train.validation=0.2"], into: "plain")
    let flipped = try place.train(
      set: images + ["train.validation=0.2", "train.augment=[{horizontal_flip: 1}]"], into: "flip")
    #expect(plain.weights != flipped.weights)
    // Two flips of every sample are none.
    let twice = try place.train(
      set: images + [
        "train.validation=0.2", "train.augment=[{horizontal_flip: 1}, {horizontal_flip: 1}]",
      ], into: "twice")
    #expect(plain.weights == twice.weights)
    #expect(
      try plain.loading.samples(.test).digest() == flipped.loading.samples(.test).digest())
  }

  @Test func anAugmentationOfOtherShapesIsReported() throws {
    let failure = #expect(throws: Failure.self) {
      try Workplace().loading(set: ["train.augment=[horizontal_flip]"])
    }
    #expect(failure?.diagnostics.map(\.id) == [.init(.shape, "augmentation")])
  }

  @Test func testDataHasNoInfluenceOnTraining() throws {
    let place = try Workplace()
    let few = try place.train(set: ["data.test_samples=3", "train.validation=0.2"]).weights
    let many = try place.train(set: ["data.test_samples=90", "train.validation=0.2"]).weights
    #expect(few == many)
  }

  @Test func dropoutTrainsTheSameWayTwice() throws {
    let layers = "network.layers=[dense: 8, relu, dropout: 0.3, dense: 3]"
    let place = try Workplace()
    let runs = try ["first", "second"].map {
      try place.train(set: [layers, "train.epochs=20"], into: $0).weights
    }
    #expect(runs[0] == runs[1])
    let other = try place.train(set: [layers, "train.epochs=20", "train.seed=2"]).weights
    #expect(runs[0] != other)
    let losses = try place.metrics(of: "first").compactMap { $0["loss"] }
    #expect(try #require(losses.last) < #require(losses.first))
  }

  @Test(arguments: ["train.batch=1000", "train.batch=1", "train.batch=59", "train.shuffle=false"])
  func everyBatchSizeTrains(override: String) throws {
    let place = try Workplace()
    let (loading, weights) = try place.train(set: [override, "train.epochs=2"])
    #expect(try loading.certify(weights).summary.points.count == 30)
    #expect(try place.metrics(of: "run").count == 2)
  }

  @Test(arguments: [
    // The loss of a later step, and the update of the very last one, which no loss has seen.
    ["train.optimizer={sgd: 1e6}", "train.epochs=20"],
    ["train.optimizer={sgd: 3e38}", "data.separation=1e5", "train.epochs=1", "train.batch=60"],
  ])
  func divergenceLeavesNoWeights(overrides: [String]) throws {
    let place = try Workplace()
    let failure = #expect(throws: Failure.self) { try place.train(set: overrides) }
    let fault = try #require(failure?.diagnostics.first)
    #expect(fault.id == .init(.train, "diverged") && fault.help != nil)
    #expect(!fault.message.contains("-nan"))
    #expect(!place.contains("run/model.safetensors"))
    if place.contains("run/checkpoint.safetensors") {
      let bytes = try place.bytes("run/checkpoint.safetensors")
      #expect(throws: Never.self) { try Safetensors.decode(bytes, path: "checkpoint") }
    }
    #expect(ExitCode(for: failure?.diagnostics ?? []) == .failure)
  }
}
