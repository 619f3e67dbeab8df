import Attacks
import Compiler
import Execution
import ModelIR

/// Perturbs the samples of each training batch by an attack on the current weights, before the step.
///
/// Statistics of the network are frozen during the attack; the step updates them from the perturbed samples.
/// A perturbed batch depends only on the weights, the samples and the number of the step, so that a resumed
/// run trains on the same.
final class AdversarialTraining {
  private let step: any Executable
  private let attacker: BatchAttack
  private let formation: EngineFormation?
  private let radius: Double
  private let attacked: Int
  private var clean: [Float] = []

  /// Compiles the attack for a spec's batches; throws ``Failure`` if the engine cannot run it.
  ///
  /// - Parameter step: the executable of the training step.
  init(
    _ spec: AdversarialSpec, _ compilation: Compilation, of step: any Executable, batch: Int,
    backend: any Backend
  ) throws {
    self.step = step
    attacker = try BatchAttack(
      spec.attack.value, model: compilation.model, box: compilation.spec.certify.box.box,
      batch: batch, seed: compilation.seed, backend: backend, training: step)
    formation = try EngineFormation(compilation.model, backend)
    radius = spec.radius
    attacked = Int((spec.share * Double(batch)).rounded(.up))
  }

  /// Replaces the first images fed to the training step by perturbed ones within the radius; the rest of the
  /// batch stays.
  func perturb(number: Int) throws {
    step.withCurrentInput(TrainingStep.Name.images) { clean = Array($0) }
    let formed = try formation?.weights { step.current($0) } ?? [:]
    try attacker.perturb(formed: formed, radius: radius, counter: number)
    step.withInput(TrainingStep.Name.images) { images in
      let size = images.count / attacker.batch
      for slot in 0..<attacker.batch {
        let range = slot * size..<(slot + 1) * size
        confine(UnsafeMutableBufferPointer(rebasing: images[range]), around: clean[range], slot)
      }
    }
  }

  /// Attacks that search for the nearest adversarial example ignore the radius.
  private func confine(
    _ moved: UnsafeMutableBufferPointer<Float>, around original: ArraySlice<Float>, _ slot: Int
  ) {
    guard slot < attacked else {
      _ = moved.update(fromContentsOf: original)
      return
    }
    let squares = zip(moved, original).reduce(0.0) {
      let difference = Double($1.0) - Double($1.1)
      return $0 + difference * difference
    }
    let distance = squares.squareRoot()
    guard distance > radius else { return }
    let factor = Float(radius / distance)
    for (place, start) in zip(moved.indices, original) {
      moved[place] = start + (moved[place] - start) * factor
    }
  }
}
