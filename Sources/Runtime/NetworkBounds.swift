import Catalog
import Compiler
import Enclosure
import Execution
import ModelIR

/// The guaranteed constants of a network with given weights.
struct NetworkBounds {
  /// Each operator's norm.
  let norms: OperatorNorms
  /// The bounds of every node.
  let composed: ComposedBounds
  /// The network's constant.
  let upper: UpperBound
  /// The same expression at lower bounds of the norms.
  let lower: LowerBound
  /// The constants of differences of logits.
  let differences: DifferenceBounds

  /// Bounds every operator.
  init(
    _ compilation: Compilation, effort: NormEffort = .certificate, weights: [String: HostTensor]
  ) {
    let bounds = compilation.bounds
    let elements: @Sendable (String) -> [Float] = { name in
      guard let tensor = weights[name] else { preconditionFailure("the weights lack '\(name)'") }
      return tensor.elements
    }
    let model = compilation.model
    norms = OperatorNorms(operators: bounds.operators, effort: effort, weights: elements)
    composed = ComposedBounds(
      model, bounds, layerNorms: norms, effort: effort, weights: elements)
    upper = composed.network(of: model).upper
    lower = composed.network(of: model).lower
    if let head = bounds.head, let weight = weights[head.weight],
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
}
