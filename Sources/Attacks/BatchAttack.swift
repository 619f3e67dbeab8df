import Compiler
import Execution
import Files
import ModelIR
import TensorGraph

/// Runs the compiled step of an attack on batches, with weights from a file or from another executable.
public final class BatchAttack {
  /// The number of samples of a batch.
  public let batch: Int
  private let attack: any Attack
  private let executable: any Executable
  /// Whose inputs the executable shares, if any.
  private let trained: (any Executable)?
  private let parameters: [String]
  private var counter = 0

  /// Compiles the step; throws ``Failure`` if the engine cannot run it.
  ///
  /// - Parameters:
  ///   - box: where elements may lie; nil for all of ℝ.
  ///   - seed: of the random restarts.
  ///   - trained: the training step whose batches are to be perturbed, if this is what the attack is for.
  public init(
    _ attack: any Attack, model: Model, box: AttackBox?, batch: Int, seed: UInt64,
    backend: any Backend, training trained: (any Executable)? = nil
  ) throws {
    self.attack = attack
    self.batch = batch
    let step = Self.step(of: attack, model: model, box: box, batch: batch, seed: seed)
    self.trained = trained
    executable =
      if let trained {
        try backend.compile(step, for: .training, sharing: trained)
      } else {
        try backend.compile(step)
      }
    parameters = model.parameters.map(\.name)
  }

  /// The graph of one step of an attack, as ``init(_:model:box:batch:seed:backend:training:)`` compiles it.
  public static func step(
    of attack: any Attack, model: Model, box: AttackBox?, batch: Int, seed: UInt64
  ) -> Graph {
    AttackStep(attack, model: model, box: box, batch: batch, seed: seed).graph
  }

  /// Sets the weights.
  func load(_ weights: Weights) { executable.load(weights, named: parameters) }

  /// Replaces the images fed to the training step by perturbed ones within a radius, using the weights and
  /// labels that the step holds, which an engine may share instead of copying.
  ///
  /// The points after the last step of the last round are taken, whether adversarial or not. This takes
  /// `rounds`·`steps` gradients.
  ///
  /// - Parameters:
  ///   - formed: the weights that the step computes from free tensors, by full name.
  ///   - radius: how far each sample may move.
  ///   - counter: the number of the training step, for random restarts.
  public func perturb(
    formed: [String: HostTensor] = [:], radius: Double, counter: Int
  ) throws {
    guard let step = trained else { preconditionFailure("an attack without a training step") }
    for (name, weight) in formed { executable.write(name, weight) }
    let held = parameters.filter { formed[$0] == nil }
    for name in held + [AttackStep.Name.images, AttackStep.Name.labels]
    where !executable.sharedInputs.contains(name) {
      step.withCurrentInput(name) { source in
        executable.withInput(name) { _ = $0.update(fromContentsOf: source) }
      }
    }
    self.counter = counter * attack.rounds * (attack.steps + 1)
    begin(radii: Array(repeating: Float(radius), count: batch))
    for round in 0..<attack.rounds {
      let isFinal = round == attack.rounds - 1
      for move in 0..<attack.steps + (isFinal ? 0 : 1) { try advance(move) }
    }
    executable.withCurrentInput(AttackStep.Name.point) { points in
      step.withInput(TrainingStep.Name.images) { _ = $0.update(fromContentsOf: points) }
    }
  }

  /// Searches for adversarial examples of samples; `body` receives each that is found: its slot in
  /// the batch and its elements.
  ///
  /// - Parameters:
  ///   - indices: at most ``batch`` samples of the set.
  ///   - radii: the radius allowed to each.
  func search(
    _ samples: SampleSet, _ indices: [Int], radii: [Double],
    _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    let filled = indices + Array(repeating: indices[0], count: batch - indices.count)
    try executable.write(samples, filled, to: AttackStep.Name.images)
    executable.withInput(AttackStep.Name.labels) { samples.copyLabels(filled, to: $0) }
    let allowed = radii + Array(repeating: radii[0], count: batch - radii.count)
    begin(radii: allowed.map { Float($0) })
    rounds: for _ in 0..<attack.rounds {
      for move in 0...attack.steps {
        try advance(move)
        if attack.search != .nearest && isEachFound { break rounds }
      }
    }
    forEachFound(count: indices.count, body)
  }

  /// Sets points and slots to their initial values, with nothing found.
  private func begin(radii: [Float]) {
    executable.withInput(AttackStep.Name.radii) { _ = $0.update(fromContentsOf: radii) }
    executable.withCurrentInput(AttackStep.Name.images) { images in
      for name in [AttackStep.Name.point, AttackStep.Name.nearest] {
        executable.withInput(name) { _ = $0.update(fromContentsOf: images) }
      }
    }
    executable.withInput(AttackStep.Name.distance) { $0.update(repeating: AttackStep.unreached) }
    for slot in attack.slots {
      executable.withInput(AttackStep.Name.slot(slot.name)) {
        $0.update(repeating: Float(slot.initial))
      }
    }
  }

  private func advance(_ move: Int) throws {
    executable.withInput(AttackStep.Name.step) { $0[0] = Float(move) }
    executable.withInput(AttackStep.Name.isLast) { $0[0] = move == attack.steps ? 1 : 0 }
    // Kept below 2²⁴, where float32 counts by ones.
    executable.withInput(AttackStep.Name.counter) { $0[0] = Float(counter % (1 << 24)) }
    counter += 1
    try executable.execute()
  }

  private var isEachFound: Bool {
    executable.withCurrentInput(AttackStep.Name.distance) { distances in
      distances.allSatisfy { $0 < AttackStep.unreached }
    }
  }

  private func forEachFound(
    count: Int, _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) {
    executable.withCurrentInput(AttackStep.Name.distance) { distances in
      executable.withCurrentInput(AttackStep.Name.nearest) { points in
        let size = points.count / batch
        for slot in 0..<count where distances[slot] < AttackStep.unreached {
          let point = points[slot * size..<(slot + 1) * size]
          body(slot, UnsafeBufferPointer(rebasing: point))
        }
      }
    }
  }
}
