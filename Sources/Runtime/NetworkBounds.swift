import Catalog
import Compiler
import Enclosure
import Execution
import ModelIR

/// The guaranteed constants of a network with given weights.
struct NetworkBounds {
  /// Each operator's norm.
  let norms: OperatorNorms
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
    let norms = OperatorNorms(operators: bounds.operators, effort: effort) { name in
      guard let tensor = weights[name] else { preconditionFailure("the weights lack '\(name)'") }
      return tensor.elements
    }
    let upper = bounds.network.evaluate { norms[$0].upper }
    self.norms = norms
    self.upper = upper
    lower = bounds.network.evaluateLower { norms[$0].lower }
    if let head = bounds.head, let weight = weights[head.weight] {
      differences = .pairwise(
        PairwiseHead(
          weight: weight.elements, count: head.outputs,
          before: head.before.evaluate { norms[$0].upper }, network: upper))
    } else {
      differences = .uniform(UpperBound.rootTwo * upper)
    }
  }
}
