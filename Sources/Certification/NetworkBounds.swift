import Compiler
import Enclosure
import Execution
import LipschitzBounds
import MatrixProducts
import ModelIR
import RoundingAnalysis

extension Compilation {
  /// The bounds on the layers' own constants, by name.
  public func constants(_ numbers: NetworkBounds) -> [String: Double] {
    zip(model.nodes, bounds.own).reduce(into: [:]) { constants, layer in
      constants[layer.0.name] = layer.1.evaluate { numbers.norms[$0].upper }.value
    }
  }
}

/// The guaranteed constants of a network with given weights.
public struct NetworkBounds {
  /// Each operator's norm.
  public let norms: OperatorNorms
  /// The bounds of every node.
  public let composed: ComposedBounds
  /// The network's constant.
  public let upper: UpperBound
  /// The same expression at lower bounds of the norms.
  public let lower: LowerBound
  /// Bounds each layer, and the map from the input to its output, in the order of ``Model/nodes``.
  public let layers: [(propagation: AnalyzedLayer.Propagation, fromInput: UpperBound)]
  /// The constants of differences of logits.
  public let differences: DifferenceBounds
  /// Bounds on the logits as functions of each node's value.
  public let rest: RestOfNetwork

  /// Bounds every operator.
  ///
  /// - Parameters:
  ///   - search: how long better constants are looked for.
  ///   - observer: told of that search.
  public init(
    _ compilation: Compilation, effort: NormEffort = .certificate,
    search: BoundEffort = .quick, workers: Workers = .single,
    observer: BoundProgress.Observer = { _ in }, weights: Weights
  ) {
    let bounds = compilation.bounds
    let elements: @Sendable (String) -> [Float] = { weights.elements(of: $0) }
    let model = compilation.model
    norms = OperatorNorms(
      operators: bounds.operators, effort: effort, workers: workers, weights: elements)
    composed = ComposedBounds(
      model, bounds, layerNorms: norms, effort: effort, search: search, workers: workers,
      observer: observer, weights: elements)
    upper = composed.network(of: model).upper
    lower = composed.network(of: model).lower
    layers = bounds.layers.indices.map { [norms, composed] index in
      let constant = bounds.own[index].evaluate { norms[$0].upper }
      return (
        Self.propagation(bounds.layers[index], constant, elements),
        composed[.node(index)].best.upper
      )
    }
    rest = RestOfNetwork(
      model, bounds, own: bounds.own.map { [norms] own in own.evaluate { norms[$0].upper } },
      composed: composed)
    differences =
      composed.differences.map { .pairwise($0) }
      ?? .uniform(composed.uniformDifference.values[0])
  }

  private static func propagation(
    _ layer: LayerBound, _ constant: UpperBound, _ weights: (String) -> [Float]
  ) -> AnalyzedLayer.Propagation {
    switch layer {
    case .addition: .sum
    case .concatenation: .concatenation
    case .elementwise: .elementwise(constant)
    case .linear(let map): map.propagation(constant, weights)
    case .constant, .comparisons, .unbounded: .lipschitz(constant)
    }
  }

  /// The layers of an executed prediction, with the constants that bound how errors propagate.
  public func analyzedLayers(of prediction: AnalyzedPrediction) -> [AnalyzedLayer] {
    let input = prediction.graph.inputs[0].value
    let fromInput = Dictionary(
      zip(prediction.layers.map(\.output.index), layers.map(\.fromInput)),
      uniquingKeysWith: { first, _ in first }
    ).merging([input.index: .one]) { bound, _ in bound }
    return zip(prediction.layers, layers).flatMap { places, bound in
      guard let step = places.step, let constant = bound.propagation.constant else {
        return [
          AnalyzedLayer(
            value: places.output, operands: places.inputs, propagation: bound.propagation,
            constant: bound.fromInput)
        ]
      }
      let x = places.inputs[0]
      return AnalyzedLayer.gradientStep(
        from: x, fromInput: fromInput[x.index] ?? .infinity, product: step.product,
        active: step.active, adjoint: step.adjoint, to: places.output, constant: constant,
        bound: bound.fromInput)
    }
  }
}

/// The bounds of the rest of a network by the index of a layer's value in the analyzed graph.
struct LaunchConstants: AnalyzedOutput.Rest {
  private let positions: [Int: Int]
  private let rest: RestOfNetwork

  init(_ prediction: AnalyzedPrediction, _ rest: RestOfNetwork) {
    self.rest = rest
    // Layers that only hand a value on share it; the error is that of the first.
    positions = Dictionary(
      prediction.layers.enumerated().map { ($1.output.index, $0 + 1) },
      uniquingKeysWith: { first, _ in first })
  }

  func constant(_ layer: Int, _ i: Int, _ j: Int?) -> UpperBound {
    positions[layer].map { rest.constant($0, i, j) } ?? .infinity
  }
}

extension LinearOperator {
  fileprivate func propagation(
    _ constant: UpperBound, _ weights: (String) -> [Float]
  ) -> AnalyzedLayer.Propagation {
    switch form {
    case .dense(let weight, _, _): .matrix(weights(weight), norm: constant)
    case .diagonal: .elementwise(constant)
    case .copy(let map): map.keepsOrder ? .elementwise(constant) : .lipschitz(constant)
    case .convolution, .transposedConvolution, .sumPool, .centering: .lipschitz(constant)
    }
  }
}
