import Compiler
import Execution
import Files

/// Computes the logits of a sample set.
public final class Predictor {
  private let executable: any Executable
  private let batch: Int
  /// The logits of the last batch that was executed by itself, and the first sample of it.
  private var current: (start: Int, logits: [Float])?

  /// A predictor whose graph was built for `batch` samples.
  public init(_ executable: any Executable, batch: Int) {
    self.executable = executable
    self.batch = batch
  }

  /// Sets the weights; those that the prediction does not use are ignored.
  public func load(_ weights: Weights) {
    current = nil
    executable.load(
      weights, named: executable.graph.inputs.filter(\.isPersistent).map(\.name))
  }

  /// Calls `body` with the index and logits of every sample in order.
  public func forEachLogits(
    of samples: SampleSet, _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    for start in stride(from: 0, to: samples.count, by: batch) {
      try execute(samples, from: start) { logits in
        let classes = logits.count / batch
        for slot in 0..<min(batch, samples.count - start) {
          let row = logits[slot * classes..<(slot + 1) * classes]
          body(start + slot, UnsafeBufferPointer(rebasing: row))
        }
      }
    }
  }

  /// The logits of some of the samples, one array a sample.
  ///
  /// They are executed in the batches of ``forEachLogits(of:_:)``, so that they do not depend on the range:
  /// an engine may round differently at another place of a batch. Successive ranges must be of the same
  /// samples.
  func logits(of samples: SampleSet, in range: Range<Int>) throws -> [[Float]] {
    try range.map { index in
      let start = index / batch * batch
      if current?.start != start {
        try execute(samples, from: start) { current = (start, Array($0)) }
      }
      let logits = current?.logits ?? []
      let classes = logits.count / batch
      return Array(logits[(index - start) * classes..<(index - start + 1) * classes])
    }
  }

  /// Executes a batch; places after the last sample repeat it.
  private func execute(
    _ samples: SampleSet, from start: Int, _ body: (UnsafeBufferPointer<Float>) -> Void
  ) throws {
    let indices = (start..<start + batch).map { min($0, samples.count - 1) }
    try executable.write(samples, indices, to: Prediction.images)
    try executable.execute()
    executable.withOutput(Prediction.logits) { body($0) }
  }
}
