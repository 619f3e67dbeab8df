import BoundAlgebra
import ModelIR

/// What holds before training for every weight that it can reach, by the product rule alone.
///
/// A parametrization bounds the norm of a layer's operator; the rules of composition are those of
/// ``ModelBounds``. Weights that are stored are corrected so that they keep the promise.
extension ModelBounds {
  /// A node's bound.
  public struct PromisedStep: Sendable {
    /// The index in ``Model/nodes``.
    public let node: Int
    /// In norms of operators and in bounds `L(name)` of earlier nodes.
    public let expression: BoundExpr
    /// Its value, without symbols.
    public let value: BoundExpr
    /// Why: the parametrizations whose constants occur in it.
    public let parametrizations: [String]
  }

  /// What the layers' parametrizations promise, by operator.
  public var constraints: [NormSymbol: NormConstraint] {
    Dictionary(
      uniqueKeysWithValues: operators.compactMap { linear in
        linear.constraint.map { (NormSymbol(linear.name), $0) }
      })
  }

  /// The network's bound without symbols; nil if a norm is not bounded before training, or if there is
  /// no finite bound.
  public var promised: BoundExpr? {
    let constraints = constraints
    guard network.unboundedCauses.isEmpty, network.symbols.allSatisfy({ constraints[$0] != nil })
    else { return nil }
    return network.replacing { constraints[$0]?.constant }.simplified()
  }

  /// A layer's own constant for every weight; nil if a norm is not bounded before training.
  public func promisedConstant(at node: Int) -> BoundExpr? {
    let constraints = constraints
    guard own[node].symbols.allSatisfy({ constraints[$0] != nil }) else { return nil }
    return own[node].replacing { constraints[$0]?.constant }.simplified()
  }

  /// The derivation of ``promised``, a step for every node that the output depends on.
  public func promisedSteps(of model: Model) -> [PromisedStep] {
    let constraints = constraints
    var values: [NormSymbol: BoundExpr] = [:]
    return dependencies(of: model).map { index in
      let expression = candidates(at: index, nil, of: model)[0].expression
      let value = expression.substituting { symbol in
        values[symbol] ?? constraints[symbol].map { .constant($0.constant) }
      }.simplified()
      values[NormSymbol(pathTo: model.nodes[index].name)] = value
      return PromisedStep(
        node: index, expression: expression, value: value,
        parametrizations: expression.symbols.compactMap { constraints[$0]?.parametrization })
    }
  }

  private func dependencies(of model: Model) -> [Int] {
    var needed: Set<Int> = []
    var pending = [model.output]
    while let operand = pending.popLast() {
      guard case .node(let index) = operand, needed.insert(index).inserted else { continue }
      pending += model.nodes[index].operands
    }
    return needed.sorted()
  }
}
