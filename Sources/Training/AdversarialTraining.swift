import Attacks
import Compiler
import Execution
import ModelIR

/// Moves the samples of each training batch by an attack on the weights of the moment, before the step.
///
/// Statistics of the network are frozen while it is attacked and see the moved samples in the step. What
/// a batch becomes depends on the weights, the samples and the number of the step alone, so that a
/// resumed run trains on the same.
public final class AdversarialTraining {
  private let attacker: BatchAttack
  private let radius: Double
  private let attacked: Int
  private var clean: [Float] = []

  /// Compiles the attack for a spec's batches; throws ``Failure`` if the engine cannot run it.
  public init(
    _ spec: AdversarialSpec, _ compilation: Compilation, batch: Int, backend: any Backend
  ) throws {
    attacker = try BatchAttack(
      spec.attack.value, model: compilation.model, box: compilation.spec.certify.box.box,
      batch: batch, seed: compilation.seed, backend: backend)
    radius = spec.radius
    attacked = Int((spec.share * Double(batch)).rounded(.up))
  }

  /// Replaces the images fed to a training step: the first ones by the attack's, no further from them
  /// than the radius, the rest of the batch by none.
  public func perturb(_ step: any Executable, number: Int) throws {
    step.withCurrentInput(TrainingStep.Name.images) { clean = Array($0) }
    try attacker.perturb(step, radius: radius, counter: number)
    step.withInput(TrainingStep.Name.images) { images in
      let size = images.count / attacker.batch
      for slot in 0..<attacker.batch {
        let range = slot * size..<(slot + 1) * size
        draw(UnsafeMutableBufferPointer(rebasing: images[range]), back: clean[range], slot)
      }
    }
  }

  /// Attacks that look for the nearest adversarial example know no radius.
  private func draw(
    _ moved: UnsafeMutableBufferPointer<Float>, back original: ArraySlice<Float>, _ slot: Int
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
