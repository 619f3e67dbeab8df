import Enclosure
import MatrixProducts
import TensorGraph

/// Evaluates a prediction graph in interval arithmetic, and bounds the errors of the same graph as executed,
/// at each sample and at every input in a ball around it.
///
/// For every input x′ with ‖x′ − x‖₂ ≤ r, the executed output is within the returned errors of the
/// exact output at x′. If the graph could overflow, the errors are ∞. This is a forward analysis of rounding
/// errors (Higham 2002, §3.1–3.3). Within a layer it is element by element, with magnitudes that hold for
/// the whole ball. At a layer's output the computed middle is kept as a known number, with a bound on its
/// distance from the exact output, so intervals do not grow from layer to layer. The errors of a layer
/// reach the output by the Lipschitz constants of the rest of the network.
///
/// The graph must be built for a batch of 1. 16 samples are evaluated side by side in lanes, each with its own
/// ball. Sums of products cost one product in Double and one in float32. Part of the trusted base.
public struct RoundingEvaluator: Sendable {
  /// The number of samples of a block.
  public static let lanes = LaneProducts.lanes

  let plan: AnalysisPlan
  let rest: (any AnalyzedOutput.Rest)?

  /// An evaluator of a graph whose input `fed` varies; `weights` gives the exact values of all others.
  ///
  /// - Parameters:
  ///   - output: the output to analyze.
  ///   - format: of the executed network.
  ///   - layers: the layers of the graph, operands first; without layers, errors are bounded element by
  ///     element throughout.
  ///   - rest: bounds of the rest of the network after each layer, by the index of its value; without
  ///     them errors are propagated by the constants of the layers alone.
  public init(
    _ graph: Graph, fed: String, output: String, format: ExecutedFormat = .binary32,
    layers: [AnalyzedLayer] = [], rest: (any AnalyzedOutput.Rest)? = nil,
    weights: (String) -> [Float]
  ) {
    guard let result = graph.outputs.first(where: { $0.name == output }) else {
      preconditionFailure("graph '\(graph.name)' has no output '\(output)'")
    }
    plan = AnalysisPlan(
      graph, fed: fed, output: result.value, layers: layers, format, weights: weights)
    self.rest = rest
  }

  /// Enclosures and errors of the output for samples.
  ///
  /// - Parameters:
  ///   - samples: the fed input's elements, one array a sample.
  ///   - radii: the radius of each sample's ball.
  public func evaluate(_ samples: [ArraySlice<Float>], radii: [UpperBound]) -> [AnalyzedOutput] {
    precondition(samples.count == radii.count, "every sample must have a radius")
    return stride(from: 0, to: samples.count, by: Self.lanes).flatMap { start in
      let block = start..<min(start + Self.lanes, samples.count)
      // Lanes without a sample repeat the last one.
      let padded = (0..<Self.lanes).map { min(start + $0, block.upperBound - 1) }
      var evaluation = BlockEvaluation(
        self, samples: padded.map { samples[$0] }, radii: padded.map { radii[$0] })
      return evaluation.run(count: block.count)
    }
  }
}
