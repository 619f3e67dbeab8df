import BoundAlgebra
import Certification
import Compiler
import Diagnostics
import Enclosure
import Execution
import LipschitzBounds
import ModelIR
import TensorGraph

/// What `lmtc compile` says of a spec: layers, bounds, requirements.
public struct CompileReport {
  /// Where the numbers of the norms come from.
  public enum Weights: Sendable {
    /// The seeded initial weights.
    case initial
    /// A file.
    case file(String)

    var json: JSONValue {
      switch self {
      case .initial: "initial"
      case .file(let path): .string(path)
      }
    }

    var text: String {
      switch self {
      case .initial: "at the seeded initial weights"
      case .file(let path): "with the weights of \(path)"
      }
    }
  }

  /// A layer's row.
  struct Row {
    let node: Model.Node
    let expression: BoundExpr
    let upper: UpperBound
    let lower: LowerBound
    let method: String

    var parameters: Int {
      node.parameters.reduce(0) {
        $1.role == .statistic ? $0 : $0 + $1.shape.reduce(1, *)
      }
    }
  }

  /// A linear region: several layers bounded as one operator.
  struct Region {
    let name: String
    let joint: UpperBound
    let separate: UpperBound
  }

  let model: Model
  let bounds: ModelBounds
  let rows: [Row]
  let regions: [Region]
  let product: UpperBound
  let network: ComposedBounds.Candidate
  let composition: Composition
  let derivation: [ComposedBounds.DerivationStep]
  let pairwise: (expression: String, upper: UpperBound)
  let weights: Weights
  let explanation: BoundExplanation?
  let requirements: [(text: String, verdict: String)]
  let diagnostics: [Diagnostic]

  /// Collects the facts; `numbers` are those of the weights named by `weights`.
  public init(
    compilation: Compilation, numbers: NetworkBounds, weights: Weights, explainsBounds: Bool,
    requirements: [(text: String, verdict: String)], diagnostics: [Diagnostic]
  ) {
    let (norms, composed) = (numbers.norms, numbers.composed)
    model = compilation.model
    bounds = compilation.bounds
    product = bounds.network.evaluate { norms[$0].upper }
    network = composed.network(of: model)
    composition = composed.composition(of: model)
    derivation = composed.derivation(of: model)
    regions = bounds.regions.compactMap { region in
      guard let joint = composed.norms[NormSymbol(region.name)] else { return nil }
      let separate = region.layers.reduce(UpperBound.one) { $0 * $1.norm(norms) }
      return Region(name: region.name, joint: joint.upper, separate: separate)
    }
    rows = zip(compilation.model.nodes, compilation.bounds.own).map { node, own in
      let symbol = own.symbols.first
      return Row(
        node: node, expression: own, upper: own.evaluate { norms[$0].upper },
        lower: own.evaluateLower { norms[$0].lower },
        method: symbol.map { norms[$0].method } ?? "closed form")
    }
    let largest = numbers.differences.largest
    let before = bounds.head.map { $0.before }
    let rowsText = before.map { $0 == .one ? "‖wᵢ − wⱼ‖" : "\($0)·‖wᵢ − wⱼ‖" }
    let isComposed = composed.outputDifferences?.max() == largest
    let composedText = isComposed ? composed.differenceExpression.map { "\($0)" } : nil
    pairwise = (composedText ?? rowsText ?? "√2·\(bounds.network)", largest)
    explanation =
      explainsBounds
      ? BoundExplanation(compilation.model, compilation.bounds, numbers) : nil
    self.weights = weights
    self.requirements = requirements
    self.diagnostics = diagnostics
  }
}
