import Compiler
import Diagnostics
import Execution
import Files
import MatrixProducts
import ModelIR
import RoundingAnalysis

/// A network with its weights, executed in the precision that a certificate is about.
public struct ExecutedNetwork {
  /// Whose execution: an engine's, or in binary64 the project's own.
  private enum Execution {
    case engine(Predictor)
    case double(DoubleExecution)
  }

  /// How many samples an engine usually executes at once.
  public static let batch = 100

  /// What is executed, for one sample.
  let analyzed: AnalyzedPrediction
  let precision: Precision
  private let execution: Execution

  /// Prepares the execution; throws where the engine cannot be made.
  ///
  /// - Parameters:
  ///   - backend: the engine of float32, whose rounding is analyzed.
  ///   - batch: the number of samples that the engine executes at once.
  public init(
    _ model: Model, _ precision: Precision, weights: Weights, on backend: any Backend, batch: Int
  ) throws {
    analyzed = AnalyzedPrediction(model: model)
    self.precision = precision
    switch precision {
    case .float32:
      precondition(backend.hasAnalyzedRounding, "no certificate is about engine '\(backend.name)'")
      let prediction = Prediction(model: model, batch: batch)
      precondition(analyzed.describes(prediction), "the analyzed network is not the executed one")
      let predictor = Predictor(try backend.compile(prediction.graph), batch: batch)
      predictor.load(weights)
      execution = .engine(predictor)
    case .float64:
      execution = .double(
        DoubleExecution(analyzed.graph, fed: Prediction.images, output: Prediction.logits) {
          weights.elements(of: $0)
        })
    }
  }

  /// Calls `body` with the index and the logits of every sample in order; float32 numbers are unchanged.
  public func forEachLogits(
    of samples: SampleSet, _ workers: Workers = .single, _ body: (Int, [Double]) -> Void
  ) throws {
    switch execution {
    case .engine(let predictor):
      try predictor.forEachLogits(of: samples) { index, logits in
        body(index, logits.map(Double.init))
      }
    case .double:
      let size = RoundingEvaluator.lanes * 4 * workers.count
      for start in stride(from: 0, to: samples.count, by: size) {
        let range = start..<min(start + size, samples.count)
        for (index, logits) in zip(range, try self.logits(of: samples, in: range, workers)) {
          body(index, logits)
        }
      }
    }
  }

  /// The logits of some of the samples, one array a sample.
  ///
  /// They do not depend on the range. Successive ranges must be of the same samples.
  func logits(
    of samples: SampleSet, in range: Range<Int>, _ workers: Workers
  ) throws -> [[Double]] {
    switch execution {
    case .engine(let predictor):
      return try predictor.logits(of: samples, in: range).map { $0.map(Double.init) }
    case .double(let double):
      let lanes = RoundingEvaluator.lanes
      let blocks = workers.map((range.count + lanes - 1) / lanes) { block in
        let start = range.lowerBound + block * lanes
        return Result { () throws(Failure) in
          let indices = start..<min(range.upperBound, start + lanes)
          return double.execute(try indices.map { index throws(Failure) in try samples[index] })
        }
      }
      return try blocks.flatMap { try $0.get() }
    }
  }
}

extension Precision {
  /// The arithmetic that certificates assume.
  var format: ExecutedFormat {
    switch self {
    case .float32: .binary32
    case .float64: .binary64
    }
  }
}
