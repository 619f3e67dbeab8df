import BoundAlgebra
import Enclosure
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

  /// How the bound of the network and that of a difference of two outputs follow from norms.
  public struct Derivation: Sendable {
    /// The steps that lead to the network's bound, which comes last.
    public let network: [DerivationStep]
    /// Further steps that ``difference`` refers to.
    public let further: [DerivationStep]
    /// The largest bound of a difference of two outputs.
    public let difference: Difference
  }

  /// The bound of a difference of two outputs.
  public struct Difference: Sendable {
    /// In norms of operators and in bounds of nodes.
    public let expression: BoundExpr
    /// Its value.
    public let upper: UpperBound
    /// The outputs i > j; nil if the bound is the same for every two.
    public let pair: (i: Int, j: Int)?
  }

  /// The largest bound of a difference of two outputs.
  public var largestDifference: Difference {
    guard let differences else {
      return Difference(
        expression: uniformDifference.expression, upper: uniformDifference.values[0], pair: nil)
    }
    let expression = differences.largestExpression
    let isOfPair = expression.symbols.contains { $0.quantity.isOfPair }
    return Difference(
      expression: expression, upper: differences.largest,
      pair: isOfPair ? differences.largestPair : nil)
  }

  /// Expressions with more parts are steps of their own and are not substituted.
  private static let mostParts = 24

  /// The steps that lead to the network's bound and to the largest of a difference.
  ///
  /// Bounds by the product rule are substituted where they are used, so a network for which that rule
  /// is best has one step.
  public func derivation(of model: Model) -> Derivation {
    let positions = positions(in: model)
    let output = model.output.position
    let needed = sources(of: [output], positions)
    let largest = largestDifference
    let ofPair = sources(of: directSources(of: largest.expression, positions), positions)
    var written: [String: BoundExpr] = [:]
    func steps(_ places: [Int]) -> [DerivationStep] {
      places.compactMap { place in
        let step = step(at: place, written, positions)
        let isShort = step.expression.partCount <= Self.mostParts
        guard place != output, step.composition == .product, isShort else { return step }
        written[place == 0 ? "input" : model.nodes[place - 1].name] = step.expression
        return nil
      }
    }
    let network = steps(needed)
    let further = steps(ofPair.filter { !needed.contains($0) })
    let difference = largest.expression.replacingPaths { written[$0] }.simplified()
    return Derivation(
      network: network, further: further,
      difference: Difference(expression: difference, upper: largest.upper, pair: largest.pair))
  }

  /// A step for every node that the network's bound or the largest of a difference depends on, in order.
  public func fullDerivation(of model: Model) -> [DerivationStep] {
    let positions = positions(in: model)
    let ofPair = directSources(of: largestDifference.expression, positions)
    return sources(of: ofPair + [model.output.position], positions).map {
      step(at: $0, [:], positions)
    }
  }

  /// The composition that the network's bound depends on, other than the product rule if there is one.
  public func composition(of model: Model) -> Composition {
    let used = Set(derivation(of: model).network.map(\.composition))
    return [.multipliers, .eclipse, .liplt, .regions].first { used.contains($0) } ?? .product
  }

  private func step(
    at position: Int, _ written: [String: BoundExpr], _ positions: [String: Int]
  ) -> DerivationStep {
    let best = nodes[position].best
    return DerivationStep(
      position: position, composition: best.composition,
      expression: best.expression.replacingPaths { written[$0] }.simplified(), best: best,
      sources: directSources(of: best.expression, positions))
  }

  /// The positions that bounds depend on, themselves included, in order.
  private func sources(of outputs: [Int], _ positions: [String: Int]) -> [Int] {
    var seen = Set(outputs)
    var pending = outputs
    while let position = pending.popLast() {
      for source in directSources(of: nodes[position].best.expression, positions)
      where seen.insert(source).inserted {
        pending.append(source)
      }
    }
    return seen.sorted()
  }

  private func directSources(of expression: BoundExpr, _ positions: [String: Int]) -> [Int] {
    expression.symbols.filter { $0.quantity == .path }.compactMap { positions[$0.name] }
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
      case .gradientStep: .gradientStep(operands[0])
      }
    }
  }

  /// The number of leaves.
  var partCount: Int { fold { part, counts in part.operands.isEmpty ? 1 : counts.reduce(0, +) } }
}
