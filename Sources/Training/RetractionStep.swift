import Compiler
import Execution

/// Retracts free tensors of a training step after every so many steps.
///
/// What a retraction does depends on the tensors and the number of the step alone, so that a resumed run has the same.
final class RetractionStep {
  private let step: any Executable
  private let executable: any Executable
  private let retraction: WeightRetraction

  /// Compiles a retraction for the tensors of a step; throws ``Failure`` if the engine cannot run it.
  init(_ retraction: WeightRetraction, of step: any Executable, on backend: any Backend) throws {
    self.retraction = retraction
    self.step = step
    executable = try backend.compile(retraction.graph, for: .training, sharing: step)
  }

  /// What is retracted, and how often.
  var summary: String {
    let count = retraction.replacements.count
    return
      "retraction of \(count) weight\(count == 1 ? "" : "s"), every \(retraction.interval) steps"
  }

  /// Replaces the tensors if the step, counted from 1, is one after which they are retracted.
  func retract(after number: Int) throws {
    guard number % retraction.interval == 0 else { return }
    for (name, _) in retraction.replacements where !executable.sharedInputs.contains(name) {
      step.withCurrentInput(name) { source in
        executable.withInput(name) { _ = $0.update(fromContentsOf: source) }
      }
    }
    try executable.execute()
    for (name, output) in retraction.replacements {
      executable.withOutput(output) { source in
        step.withInput(name) { _ = $0.update(fromContentsOf: source) }
      }
    }
  }
}
