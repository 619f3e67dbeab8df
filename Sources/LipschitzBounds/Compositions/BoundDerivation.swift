import BoundAlgebra
import ModelIR

extension ComposedBounds {
  /// A node's bound as it is shown to users.
  public struct DerivationStep: Sendable {
    /// 0 for the input, then the nodes in order.
    public let position: Int
    /// How it is composed.
    public let composition: Composition
    /// In norms of operators and in bounds `L(name)` of earlier steps.
    public let expression: BoundExpr
    /// The node's best bound.
    public let best: Candidate
    /// The positions whose bounds it refers to.
    public let sources: [Int]
  }

  /// Expressions with more parts are steps of their own and are not substituted.
  private static let mostParts = 24

  /// The steps that lead to the network's bound, which comes last.
  ///
  /// Bounds by the product rule are substituted where they are used, so a network for which that rule
  /// is best has one step.
  public func derivation(of model: Model) -> [DerivationStep] {
    derivation(to: model.output.position, of: model)
  }

  /// A step for every node that the network's bound depends on, in order.
  public func fullDerivation(of model: Model) -> [DerivationStep] {
    let positions = positions(in: model)
    return sources(of: model.output.position, positions).map { position in
      let best = nodes[position].best
      return DerivationStep(
        position: position, composition: best.composition, expression: best.expression, best: best,
        sources: directSources(of: position, positions))
    }
  }

  /// The composition that the network's bound depends on, other than the product rule if there is one.
  public func composition(of model: Model) -> Composition {
    let used = Set(derivation(of: model).map(\.composition))
    return [.eclipse, .liplt, .regions].first { used.contains($0) } ?? .product
  }

  private func derivation(to output: Int, of model: Model) -> [DerivationStep] {
    let positions = positions(in: model)
    let needed = sources(of: output, positions)
    var written: [Int: BoundExpr] = [:]
    var steps: [DerivationStep] = []
    for position in needed {
      let best = nodes[position].best
      let expression = best.expression.replacingPaths { name in
        positions[name].flatMap { written[$0] }
      }.simplified()
      let isShort = expression.partCount <= Self.mostParts
      if position != output, best.composition == .product, isShort {
        written[position] = expression
      } else {
        steps.append(
          DerivationStep(
            position: position, composition: best.composition, expression: expression, best: best,
            sources: directSources(of: position, positions)))
      }
    }
    return steps
  }

  /// The positions that a bound depends on, itself last.
  private func sources(of output: Int, _ positions: [String: Int]) -> [Int] {
    var seen: Set<Int> = [output]
    var pending = [output]
    while let position = pending.popLast() {
      for source in directSources(of: position, positions) where seen.insert(source).inserted {
        pending.append(source)
      }
    }
    return seen.sorted()
  }

  private func directSources(of position: Int, _ positions: [String: Int]) -> [Int] {
    nodes[position].best.expression.symbols.filter { $0.quantity == .path }
      .compactMap { positions[$0.name] }
  }

  private func positions(in model: Model) -> [String: Int] {
    Dictionary(
      uniqueKeysWithValues: model.nodes.enumerated().map { ($0.element.name, $0.offset + 1) })
  }
}

extension BoundExpr {
  /// Replaces bounds of nodes for which there is an expression.
  func replacingPaths(_ expression: (String) -> BoundExpr?) -> BoundExpr {
    fold { part, operands in
      switch part {
      case .norm(let symbol):
        symbol.quantity == .path ? expression(symbol.name) ?? part : part
      case .constant, .unbounded: part
      case .sum: .sum(operands)
      case .product: .product(operands)
      case .rootSumSquares: .rootSumSquares(operands)
      case .minimum: .minimum(operands)
      }
    }
  }

  /// The number of leaves.
  var partCount: Int { fold { part, counts in part.operands.isEmpty ? 1 : counts.reduce(0, +) } }
}
