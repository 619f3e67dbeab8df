import Compiler
import Execution
import Files

/// Computes the logits of a sample set.
public final class Predictor {
  private let executable: any Executable
  private let batch: Int

  /// A predictor whose graph was built for `batch` samples.
  public init(_ executable: any Executable, batch: Int) {
    self.executable = executable
    self.batch = batch
  }

  /// Sets the weights; those that the prediction does not use are ignored.
  public func load(_ weights: Weights) {
    executable.load(
      weights, named: executable.graph.inputs.filter(\.isPersistent).map(\.name))
  }

  /// Calls `body` with the index and logits of every sample in order.
  public func forEachLogits(
    of samples: SampleSet, _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    for start in stride(from: 0, to: samples.count, by: batch) {
      let indices = (start..<start + batch).map { min($0, samples.count - 1) }
      try executable.write(samples, indices, to: Prediction.images)
      try executable.execute()
      executable.withOutput(Prediction.logits) { logits in
        let classes = logits.count / batch
        for slot in 0..<min(batch, samples.count - start) {
          let row = logits[slot * classes..<(slot + 1) * classes]
          body(start + slot, UnsafeBufferPointer(rebasing: row))
        }
      }
    }
  }
}
