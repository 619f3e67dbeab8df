import CPUBackend
import Compiler
import Execution
import ModelIR
import Testing

@testable import Attacks
@testable import Commands
@testable import Training

/// What an attack on every batch does to the batch and to the network.
@Suite struct AdversarialTrainingTests {
  static let pgd = "{attack: {pgd: {steps: 5, step_size: 0.5, restarts: 1}}"

  /// A training step and the batches of a spec, with the step's images, labels and weights set.
  struct Batch {
    let step: any Executable
    let batches: AdversarialTraining
    let clean: [Float]

    init(_ adversarial: String, set overrides: [String] = []) throws {
      let loading = try Workplace().loading(
        set: ["train.adversarial=\(adversarial)", "train.loss=cross_entropy"] + overrides)
      let (train, compilation) = (try loading.training(), loading.compilation)
      let backend = CPUBackend(threads: 1)
      let training = TrainingStep(compilation, train)
      step = try backend.compile(training.graph)
      batches = try AdversarialTraining(
        try #require(train.adversarial), compilation, of: step, batch: train.batch,
        backend: backend)
      let state = try InitialState(compilation, step: training, weights: nil).fresh()
      for (name, tensor) in state.tensors { step.write(name, tensor) }
      let samples = try loading.samples(.train)
      try step.write(samples, 0..<16, to: TrainingStep.Name.images)
      step.withInput(TrainingStep.Name.labels) { samples.copyLabels(0..<16, to: $0) }
      for name in [TrainingStep.Name.learningRate, TrainingStep.Name.marginWeight] {
        step.withInput(name) { $0[0] = 0 }
      }
      clean = step.withCurrentInput(TrainingStep.Name.images) { Array($0) }
    }

    /// The images after the attack of a step of this number.
    func perturbed(number: Int) throws -> [Float] {
      step.withInput(TrainingStep.Name.images) { _ = $0.update(fromContentsOf: clean) }
      try batches.perturb(number: number)
      return step.withCurrentInput(TrainingStep.Name.images) { Array($0) }
    }

    /// How far each sample was moved.
    func distances(_ images: [Float]) -> [Double] {
      stride(from: 0, to: images.count, by: 4).map { start in
        (start..<start + 4).reduce(0.0) {
          let difference = Double(images[$1]) - Double(clean[$1])
          return $0 + difference * difference
        }.squareRoot()
      }
    }

    /// The loss at images, with the weights as they are.
    func loss(_ images: [Float]) throws -> Float {
      step.withInput(TrainingStep.Name.images) { _ = $0.update(fromContentsOf: images) }
      try step.execute()
      return step.withOutput(TrainingStep.Name.loss) { $0[0] }
    }
  }

  @Test(arguments: ["{pgd: {steps: 5, step_size: 0.5}}", "{fgsm: {}}"])
  func samplesMoveUphillWithinTheRadius(attack: String) throws {
    let batch = try Batch("{attack: \(attack), radius: 0.25}")
    let moved = try batch.perturbed(number: 3)
    let distances = batch.distances(moved)
    #expect(distances.count == 16)
    #expect(distances.allSatisfy { $0 > 0.2 && $0 <= 0.25 }, "\(distances)")
    #expect(try batch.loss(moved) > 1.05 * batch.loss(batch.clean))
  }

  @Test func theRestOfTheBatchStaysClean() throws {
    let batch = try Batch("{attack: fgsm, radius: 0.25, share: 0.3}")
    let distances = batch.distances(try batch.perturbed(number: 0))
    // ⌈0.3 · 16⌉.
    #expect(distances.map { $0 > 0 } == (0..<16).map { $0 < 5 })
  }

  @Test func samplesInsideTheBoxStayThere() throws {
    let batch = try Batch("{attack: fgsm, radius: 0.6}", set: ["certify.box=[-0.8, 0.8]"])
    let moved = try batch.perturbed(number: 0)
    let inside = stride(from: 0, to: moved.count, by: 4).filter { start in
      batch.clean[start..<start + 4].allSatisfy { (-0.8...0.8).contains($0) }
    }
    #expect(inside.count > 2)
    for start in inside {
      #expect(moved[start..<start + 4].allSatisfy { $0.magnitude <= 0.8 + 1e-6 })
    }
    let free = try Batch("{attack: fgsm, radius: 0.6}").perturbed(number: 0)
    #expect(
      inside.contains { start in free[start..<start + 4].contains { $0.magnitude > 0.8 } })
  }

  @Test func runningStatisticsAreThoseOfTheStepAlone() throws {
    let batch = try Batch(
      Self.pgd + ", radius: 0.25}",
      set: ["network.layers=[dense: 8, batch_norm, relu, dense: 3]"])
    let names = ["batch_norm_1.running_mean", "batch_norm_1.running_var"]
    let before = names.map { batch.step.current($0) }
    let moved = try batch.perturbed(number: 0)
    #expect(names.map { batch.step.current($0) } == before)
    _ = try batch.loss(moved)
    let after = names.map { batch.step.current($0) }
    #expect(after[0] != before[0] && after[1] != before[1])
  }

  /// Nothing that an earlier step left behind matters, only the step's number.
  @Test func theNumberOfTheStepDecides() throws {
    let attack = Self.pgd + ", radius: 0.25}"
    let (batch, other) = (try Batch(attack), try Batch(attack))
    let first = try batch.perturbed(number: 0)
    let second = try batch.perturbed(number: 1)
    #expect(first != second)
    #expect(try other.perturbed(number: 1) == second)
    #expect(try batch.perturbed(number: 0) == first)
  }

  @Test func fewerPointsCanBeMovedOverTheBoundary() throws {
    let common = [
      "train.epochs=60", "train.loss=cross_entropy", "train.optimizer={adam: 0.02}",
      "data.test_samples=300", "data.noise=0.25", "network.layers=[dense: 32, relu, dense: 3]",
    ]
    let attack = Self.pgd + ", radius: 0.3}"
    func found(_ overrides: [String]) throws -> Int {
      let (loading, weights) = try Workplace().train(set: common + overrides)
      let spec = try Workplace().loading(set: common + ["train.adversarial=" + attack]).training()
      let attacker = try BatchAttack(
        try #require(spec.adversarial).attack.value, model: loading.compilation.model, box: nil,
        batch: 300, seed: 1, backend: CPUBackend(threads: 1))
      attacker.load(weights)
      var count = 0
      try attacker.search(
        try loading.samples(.test), Array(0..<300), radii: Array(repeating: 0.3, count: 300)
      ) { _, _ in count += 1 }
      return count
    }
    let (plain, trained) = (try found([]), try found(["train.adversarial=" + attack]))
    #expect(Double(trained) < 0.9 * Double(plain), "\(trained) and \(plain)")
  }
}
