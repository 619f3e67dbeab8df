import Compiler
import Enclosure
import Execution
import LipschitzBounds
import ModelIR
import RoundingAnalysis

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
  public let layers: [(step: AnalysedLayer.Step, fromInput: UpperBound)]
  /// The constants of differences of logits.
  public let differences: DifferenceBounds

  /// Bounds every operator.
  public init(
    _ compilation: Compilation, effort: NormEffort = .certificate, weights: Weights
  ) {
    let bounds = compilation.bounds
    let elements: @Sendable (String) -> [Float] = { weights.elements(of: $0) }
    let model = compilation.model
    norms = OperatorNorms(operators: bounds.operators, effort: effort, weights: elements)
    composed = ComposedBounds(
      model, bounds, layerNorms: norms, effort: effort, weights: elements)
    upper = composed.network(of: model).upper
    lower = composed.network(of: model).lower
    layers = bounds.layers.indices.map { [norms, composed] index in
      let constant = bounds.own[index].evaluate { norms[$0].upper }
      return (
        Self.step(bounds.layers[index], constant, elements), composed[.node(index)].best.upper
      )
    }
    if let head = bounds.head, let weight = weights.tensors[head.weight],
      let operand = model.nodes[head.node].operands.first
    {
      differences = .pairwise(
        PairwiseHead(
          weight: weight.elements, count: head.outputs,
          before: composed[operand].best.upper, network: upper,
          composed: composed.outputDifferences))
    } else if let found = composed.outputDifferences {
      differences = .pairwise(
        PairwiseHead(count: compilation.classes, network: upper, composed: found))
    } else {
      differences = .uniform(UpperBound.rootTwo * upper)
    }
  }

  private static func step(
    _ layer: LayerBound, _ constant: UpperBound, _ weights: (String) -> [Float]
  ) -> AnalysedLayer.Step {
    switch layer {
    case .addition: .sum
    case .concatenation: .concatenation
    case .elementwise: .elementwise(constant)
    case .linear(let map): map.step(constant, weights)
    case .constant, .unbounded: .lipschitz(constant)
    }
  }

  /// What errors of an executed prediction are handed on by.
  public func analysedLayers(of prediction: AnalysedPrediction) -> [AnalysedLayer] {
    zip(prediction.layers, layers).map { places, bound in
      AnalysedLayer(
        value: places.output, operands: places.inputs, step: bound.step,
        constant: bound.fromInput)
    }
  }
}

extension LinearOperator {
  fileprivate func step(
    _ constant: UpperBound, _ weights: (String) -> [Float]
  ) -> AnalysedLayer.Step {
    switch form {
    case .dense(let weight, _, _): .matrix(weights(weight), norm: constant)
    case .diagonal: .elementwise(constant)
    case .copy(let map): map.keepsOrder ? .elementwise(constant) : .lipschitz(constant)
    case .convolution, .transposedConvolution, .sumPool, .centering: .lipschitz(constant)
    }
  }
}
