import Compiler
import Diagnostics
import Execution
import Files
import MatrixProducts
import RoundingAnalysis

/// Certifies every sample of a set: prediction by the executed network, margins by enclosure, less the rounding
/// error of the execution.
public struct Certifier {
  private let network: ExecutedNetwork
  private let evaluator: RoundingEvaluator
  private let test: MarginTest

  /// Prepares weights and bounds.
  ///
  /// - Parameters:
  ///   - network: the execution with `weights`.
  ///   - weights: every parameter of the model by full name.
  ///   - bounds: the bounds of its layers.
  ///   - isCritic: whether points are given the difference of the two logits.
  public init(
    _ network: ExecutedNetwork, weights: Weights, bounds: NetworkBounds, isCritic: Bool = false
  ) {
    self.network = network
    test = MarginTest(bounds: bounds.differences, network.precision, isCritic: isCritic)
    let analyzed = network.analyzed
    evaluator = RoundingEvaluator(
      analyzed.graph, fed: Prediction.images, output: Prediction.logits,
      format: network.precision.format, layers: bounds.analyzedLayers(of: analyzed),
      rest: LaunchConstants(analyzed, bounds.rest)
    ) { weights.elements(of: $0) }
  }

  /// Certifies a range of samples, a chunk at a time.
  ///
  /// A chunk is what all workers do in about a second, but no more than ``longestChunk`` samples; neither
  /// it nor the range has an influence on the certificate of a sample. Memory is that of one chunk.
  ///
  /// - Parameters:
  ///   - range: which samples; the others are not analyzed.
  ///   - advance: receives the number of samples of each block that is finished, from any thread.
  ///   - take: receives the certificates of a chunk, in the order of the samples; what it throws ends the
  ///     certification.
  /// - Returns: the seconds that forward passes of the executed network took.
  @discardableResult
  public func certify(
    _ samples: SampleSet, in range: Range<Int>, _ workers: Workers,
    advance: @Sendable (Int) -> Void = { _ in }, _ take: ([AnalyzedPoint]) throws -> Void
  ) throws -> Double {
    var forward = 0.0
    var start = range.lowerBound
    var size = RoundingEvaluator.lanes * workers.count
    while start < range.upperBound {
      let began = ContinuousClock.now
      let chunk = start..<min(range.upperBound, start + size)
      let logits = try network.logits(of: samples, in: chunk, workers)
      forward += began.secondsSince
      try take(try certify(samples, chunk: chunk, logits, workers, advance))
      if ContinuousClock.now - began < .milliseconds(500) {
        size = min(2 * size, Self.longestChunk)
      }
      start = chunk.upperBound
    }
    return forward
  }

  /// The most samples of a chunk, so that little is kept in memory and on its way to the disk.
  static let longestChunk = 1 << 12

  private func certify(
    _ samples: SampleSet, chunk: Range<Int>, _ logits: [[Double]], _ workers: Workers,
    _ advance: @Sendable (Int) -> Void
  ) throws -> [AnalyzedPoint] {
    let (evaluator, test, lanes) = (evaluator, test, RoundingEvaluator.lanes)
    let blocks = workers.map((chunk.count + lanes - 1) / lanes) { block in
      let start = chunk.lowerBound + block * lanes
      let indices = start..<min(chunk.upperBound, start + lanes)
      defer { advance(indices.count) }
      return Result { () throws(Failure) in
        let values = try indices.map { index throws(Failure) in try samples[index] }
        let executed = logits[start - chunk.lowerBound..<indices.upperBound - chunk.lowerBound]
        let reaches = zip(indices, executed).map { test.reach(label: samples.labels[$0], $1) }
        let results = evaluator.evaluate(values, radii: reaches)
        return zip(zip(indices, executed), zip(reaches, results)).map { point, analysis in
          test.certify(
            index: point.0, label: samples.labels[point.0], executed: point.1,
            analyzed: analysis.1, reach: analysis.0)
        }
      }
    }
    return try blocks.flatMap { try $0.get() }
  }
}
