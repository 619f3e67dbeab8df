import BoundAlgebra
import ModelIR

/// The bounds that may be the least of a node's, before any weight is known.
extension ModelBounds {
  /// What a bound of a node, or of a difference of two outputs, is derived from.
  enum Rule: Sendable {
    /// The bounds of the operands, or of the network.
    case operands
    /// A sum over earlier nodes.
    case sum(CompositionPlan.Sum)
    /// A chain of dense layers.
    case chain(DenseChain)
    /// A part of the network with a multiplier for each neuron.
    case multipliers(NeuronRegion)
  }

  /// One bound in norms of operators and bounds of earlier nodes.
  public struct SymbolicBound: Sendable {
    let rule: Rule
    /// How it is composed.
    public let composition: Composition
    /// The bound.
    public let expression: BoundExpr
  }

  /// The bounds of a node, the product rule first.
  ///
  /// - Parameter planned: the node in the plan, if it is there.
  public func candidates(
    at index: Int, _ planned: CompositionPlan.PlannedNode?, of model: Model
  ) -> [SymbolicBound] {
    var found = [
      SymbolicBound(
        rule: .operands, composition: .product, expression: productRule(at: index, of: model))
    ]
    for sum in planned?.sums ?? [] {
      found.append(
        SymbolicBound(
          rule: .sum(sum), composition: sum.composition,
          expression: plan.expression(sum, of: model)))
    }
    if let chain = planned?.chain {
      let expression = BoundExpr.product([
        .norm(NormSymbol(.chain, chain.name)), Self.path(to: chain.source, model),
      ])
      found.append(
        SymbolicBound(
          rule: .chain(chain), composition: .eclipse, expression: expression.simplified()))
    }
    for region in planned?.regions ?? [] {
      let expression = BoundExpr.product([
        .norm(NormSymbol(.multipliers, region.name)), Self.path(to: region.source, model),
      ])
      found.append(
        SymbolicBound(
          rule: .multipliers(region), composition: .multipliers,
          expression: expression.simplified()))
    }
    return found
  }

  /// The bounds of F_i − F_j, a difference of two outputs: ‖w_i − w_j‖ times the bound of a final dense
  /// layer's argument, the sums and the chain of the output, and √2 times the network's bound.
  ///
  /// - Parameter planned: the output in the plan, if it is there.
  public func differenceCandidates(
    _ planned: CompositionPlan.PlannedNode?, of model: Model
  ) -> [SymbolicBound] {
    var found: [(Rule, Composition, BoundExpr)] = []
    if let head, let operand = model.nodes[head.node].operands.first {
      let distance = BoundExpr.norm(NormSymbol(.headDistance, model.nodes[head.node].name))
      let before = Self.path(to: operand.position, model)
      found.append((.operands, .product, .product([before, distance])))
    }
    for sum in planned?.sums ?? [] {
      let expression = plan.expression(sum, of: model, isDifference: true)
      found.append((.sum(sum), sum.composition, expression))
    }
    if let chain = planned?.chain {
      let constant = BoundExpr.norm(NormSymbol(.chainDifference, chain.name))
      let before = Self.path(to: chain.source, model)
      found.append((.chain(chain), .eclipse, .product([constant, before])))
    }
    for region in planned?.regions ?? [] {
      let constant = BoundExpr.norm(NormSymbol(.multiplierDifference, region.name))
      let before = Self.path(to: region.source, model)
      found.append((.multipliers(region), .multipliers, .product([constant, before])))
    }
    let rootTwo = BoundExpr.constant(.squareRoot(2, 1))
    found.append((.operands, .product, .product([rootTwo, .norm(.network)])))
    return found.map { rule, composition, expression in
      SymbolicBound(rule: rule, composition: composition, expression: expression.simplified())
    }
  }

  /// The node's own constant times the bounds of its operands.
  private func productRule(at index: Int, of model: Model) -> BoundExpr {
    let operands = model.nodes[index].operands.map { Self.path(to: $0.position, model) }
    let expression: BoundExpr =
      switch layers[index] {
      case .addition: .sum(operands)
      case .concatenation: .rootSumSquares(operands)
      case .linear, .elementwise, .constant, .comparisons, .unbounded:
        .product([own[index]] + operands)
      }
    return expression.simplified()
  }

  /// `L(name)`; 1 for the input.
  private static func path(to position: Int, _ model: Model) -> BoundExpr {
    position == 0
      ? .one : .norm(NormSymbol(pathTo: CompositionPlan.name(of: position, model)))
  }
}

extension CompositionPlan {
  /// The bound that a sum gives; if asked for, that of a difference of two outputs.
  fileprivate func expression(
    _ sum: Sum, of model: Model, isDifference: Bool = false
  ) -> BoundExpr {
    let terms = sum.terms.map { term in
      var factors = term.factors.map { BoundExpr.constant($0) }
      factors.append(isDifference ? rowDistance(term.map) : norm(term.map))
      if term.source > 0 {
        factors.append(.norm(NormSymbol(pathTo: Self.name(of: term.source, model))))
      }
      return BoundExpr.product(factors)
    }
    return BoundExpr.sum(terms).simplified()
  }

  private func norm(_ map: LinearMaps.ID) -> BoundExpr {
    switch maps[map] {
    case .identity: .one
    case .layer(let layer): layer.norm
    case .composition, .sum, .scaled: .norm(NormSymbol(name(of: map)))
    }
  }

  private func rowDistance(_ map: LinearMaps.ID) -> BoundExpr {
    // Rows i and j of the identity are unit vectors.
    if case .identity = maps[map] { return .constant(.squareRoot(2, 1)) }
    return .norm(NormSymbol(.rowDistance, name(of: map)))
  }

  /// The name of an operator of a sum.
  public func name(of map: LinearMaps.ID) -> String { names[map] ?? maps.text(map) }

  /// The norms of the layers of a linear region, composed like the region itself.
  public func layerByLayer(_ map: LinearMaps.ID) -> BoundExpr {
    let expression: BoundExpr =
      switch maps[map] {
      case .identity: .one
      case .layer(let layer): layer.norm
      case .composition(let outer, let inner): .product([layerByLayer(outer), layerByLayer(inner)])
      case .sum(let terms): .sum(terms.map(layerByLayer))
      case .scaled(let factor, let inner):
        .product([.constant(.magnitude(factor.magnitude)), layerByLayer(inner)])
      }
    return expression.simplified()
  }
}
