import BoundAlgebra
import ModelIR

extension ModelBounds {
  /// The bounds as text, before any weight is known: `NAME: K` for a layer by itself, `L(NAME) = …` for
  /// the map from the input to it, the least of several bounds being that for given weights, and the
  /// network's bound and the bound of a difference of two outputs.
  public func text(of model: Model) -> String {
    let planned = Dictionary(uniqueKeysWithValues: plan.nodes.map { ($0.position, $0) })
    var lines = zip(model.nodes, own).map { "\($0.name): \($1)" }
    for (index, node) in model.nodes.enumerated() {
      let bound = Self.least(candidates(at: index, planned[index + 1], of: model))
      lines.append("\(NormSymbol(pathTo: node.name)) = \(bound)")
    }
    lines.append(
      "L = \(NormSymbol(pathTo: CompositionPlan.name(of: model.output.position, model)))")
    let difference = Self.least(differenceCandidates(planned[model.output.position], of: model))
    lines.append("Lᵢⱼ = \(difference)")
    lines.append("product: \(network)")
    lines.append("product.latex: \(network.latex)")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func least(_ candidates: [SymbolicBound]) -> BoundExpr {
    BoundExpr.minimum(candidates.map(\.expression)).simplified()
  }
}
