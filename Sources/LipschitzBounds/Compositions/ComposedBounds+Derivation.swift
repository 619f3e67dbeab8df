import BoundAlgebra
import ModelIR

extension ComposedBounds {
  /// A node's bound as it is written out for people.
  public struct Statement: Sendable {
    /// 0 for the input, then the nodes in order.
    public let position: Int
    /// How it is composed.
    public let composition: Composition
    /// In norms of operators and bounds `L(name)` that are stated before.
    public let expression: BoundExpr
    /// Its bound and the same expression at lower bounds of norms.
    public let best: Candidate
    /// The positions whose bounds it refers to.
    public let sources: [Int]
  }

  /// Expressions with more parts are stated by themselves instead of where they are used.
  private static let mostParts = 24

  /// The statements that lead to the network's bound, which comes last.
  ///
  /// Steps of the product rule are written into what uses them, so a network for which that rule is
  /// best has one statement.
  public func derivation(of model: Model) -> [Statement] {
    derivation(to: model.output.position, of: model)
  }

  /// A statement for every node that has a part in the network's bound, in order.
  public func steps(of model: Model) -> [Statement] {
    let positions = positions(in: model)
    return sources(of: model.output.position, positions).map { position in
      let best = nodes[position].best
      return Statement(
        position: position, composition: best.composition, expression: best.expression, best: best,
        sources: directSources(of: position, positions))
    }
  }

  /// Whether anything but the product rule has a part in the network's bound.
  public func composition(of model: Model) -> Composition {
    let used = Set(derivation(of: model).map(\.composition))
    return [.eclipse, .liplt, .regions].first { used.contains($0) } ?? .product
  }

  private func derivation(to output: Int, of model: Model) -> [Statement] {
    let positions = positions(in: model)
    let needed = sources(of: output, positions)
    var written: [Int: BoundExpr] = [:]
    var statements: [Statement] = []
    for position in needed {
      let best = nodes[position].best
      let expression = best.expression.replacingPaths { name in
        positions[name].flatMap { written[$0] }
      }.simplified()
      let isShort = expression.partCount <= Self.mostParts
      if position != output, best.composition == .product, isShort {
        written[position] = expression
      } else {
        statements.append(
          Statement(
            position: position, composition: best.composition, expression: expression, best: best,
            sources: directSources(of: position, positions)))
      }
    }
    return statements
  }

  /// The positions that a bound refers to, itself last.
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
  /// Bounds of nodes replaced by expressions, where there is one for them.
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
