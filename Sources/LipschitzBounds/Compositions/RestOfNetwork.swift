import BoundAlgebra
import Enclosure
import ModelIR

/// Bounds on a network's outputs as functions of one node's value, all values that do not depend on it being
/// held fixed.
///
/// For a node k let ℓ(k) = 1, and ℓ(v) = 0 for nodes v that do not depend on k. Every other node's ℓ(v) follows
/// from its operands by the product rule, or from the sum or chain that ``ComposedBounds`` has chosen for v,
/// with ℓ in place of L. A sum or chain holds here only if k is not one of the nodes that it replaces, since it
/// contains their definitions (`docs/soundness.md`, §3). Cost O(n²) for n nodes, once.
public struct RestOfNetwork: Sendable {
  /// What is kept of one node's ℓ.
  private struct Reach: Sendable {
    /// ℓ of the output.
    var output = UpperBound.zero
    /// ℓ of the operand of the last dense layer.
    var features = UpperBound.zero
    /// For each difference bound that holds, ℓ of the sources of its terms.
    var sources: [[UpperBound]?] = []
  }

  private let reach: [Reach]
  private let rows: PairDistances?
  private let differences: [DifferenceBound]

  /// - Parameter own: each layer's constant, in the order of ``Model/nodes``.
  public init(
    _ model: Model, _ bounds: ModelBounds, own: [UpperBound], composed: ComposedBounds
  ) {
    let differences = composed.differenceOrigins.map {
      DifferenceBound($0, model, bounds, composed)
    }
    self.differences = differences
    let head = bounds.head.map { model.nodes[$0.node] }
    rows = head.flatMap { composed.pairNorms[NormSymbol(.headDistance, $0.name)] }.map {
      PairDistances($0)
    }
    let rules = model.nodes.indices.map { index in
      NodeRule(index, model, bounds, own: own[index], composed)
    }
    reach = (0...model.nodes.count).map { position in
      let bounds = Self.bounds(from: position, rules)
      return Reach(
        output: bounds[model.output.position],
        features: head.map { bounds[$0.operands[0].position] } ?? .infinity,
        sources: differences.map { difference in
          difference.replaced.contains(position)
            ? nil : difference.terms.map { bounds[$0.source] }
        })
    }
  }

  /// ℓ of every position, for a node at `start`.
  private static func bounds(from start: Int, _ rules: [NodeRule]) -> [UpperBound] {
    var bounds = Array(repeating: UpperBound.zero, count: rules.count + 1)
    bounds[start] = .one
    for position in start..<rules.count {
      bounds[position + 1] = rules[position].bound(bounds, from: start)
    }
    return bounds
  }

  /// Bounds the difference of outputs i and j, or output i alone if j is nil, as a function of the value at a
  /// position: 0 for the input, then the nodes in order.
  public func constant(_ position: Int, _ i: Int, _ j: Int?) -> UpperBound {
    let reach = reach[position]
    guard let j else { return reach.output }
    var least = UpperBound.rootTwo * reach.output
    if let rows { least = min(least, rows[i, j] * reach.features) }
    for (difference, sources) in zip(differences, reach.sources) {
      if let sources { least = min(least, difference.value(i, j, sources)) }
    }
    return least
  }
}

/// A sum of terms that bounds the difference of any two outputs.
private struct DifferenceBound: Sendable {
  /// factor · ‖rᵢ − rⱼ‖ · L(source).
  struct Term: Sendable {
    let distances: PairDistances
    let factor: UpperBound
    let source: Int
  }

  let terms: [Term]
  /// The positions whose definitions the sum contains.
  let replaced: Set<Int>

  init(
    _ origin: ComposedBounds.Origin, _ model: Model, _ bounds: ModelBounds,
    _ composed: ComposedBounds
  ) {
    switch origin {
    case .operands:
      (terms, replaced) = ([], [])
    case .sum(let sum):
      terms = sum.terms.map { term in
        let symbol = NormSymbol(.rowDistance, bounds.plan.name(of: term.map))
        return Term(
          distances: PairDistances(composed.pairNorms[symbol] ?? []),
          factor: term.factors.reduce(.one) { $0 * $1.upper }, source: term.source)
      }
      replaced = sum.replaced
    case .chain(let chain):
      let planned = bounds.plan.nodes.first { $0.position == model.output.position }
      let symbol = NormSymbol(.chainDifference, planned?.chain?.name ?? "")
      terms = [
        Term(
          distances: PairDistances(composed.pairNorms[symbol] ?? []), factor: .one,
          source: chain.source)
      ]
      replaced = model.path(from: chain.source, to: model.output.position)
    case .multipliers(let found):
      let symbol = NormSymbol(.multiplierDifference, found.region.name)
      terms = [
        Term(
          distances: PairDistances(composed.pairNorms[symbol] ?? []), factor: .one,
          source: found.source)
      ]
      replaced = found.region.positions
    }
  }

  /// The sum for given bounds of the sources.
  func value(_ i: Int, _ j: Int, _ sources: [UpperBound]) -> UpperBound {
    guard !terms.isEmpty else { return .infinity }
    return zip(terms, sources).reduce(UpperBound.zero) { sum, part in
      let (term, source) = part
      return source == .zero ? sum : sum + term.factor * term.distances[i, j] * source
    }
  }
}

/// A number for each pair of outputs; ∞ if none is known.
private struct PairDistances: Sendable {
  private let count: Int
  private let distances: [UpperBound]

  init(_ distances: [UpperBound]) {
    self.distances = distances
    count = Int(Double(distances.count).squareRoot())
  }

  subscript(i: Int, j: Int) -> UpperBound {
    distances.isEmpty ? .infinity : distances[i * count + j]
  }
}

/// How a node's bound follows from those of earlier positions.
private struct NodeRule {
  /// K·ℓ, Σ ℓ or √Σ ℓ² of the operands.
  enum Operands {
    case product(UpperBound)
    case sum
    case rootSumSquares
  }

  private let operands: [Int]
  private let rule: Operands
  /// Σ factor·ℓ(source), if the node has a sum or chain, and what it replaces.
  private let terms: [(factor: UpperBound, source: Int)]
  private let replaced: Set<Int>?

  init(
    _ index: Int, _ model: Model, _ bounds: ModelBounds, own: UpperBound, _ composed: ComposedBounds
  ) {
    operands = model.nodes[index].operands.map(\.position)
    rule =
      switch bounds.layers[index] {
      case .addition: .sum
      case .concatenation: .rootSumSquares
      case .linear, .elementwise, .constant, .comparisons, .unbounded: .product(own)
      }
    switch composed.nodes[index + 1].best.origin {
    case .operands:
      (terms, replaced) = ([], nil)
    case .sum(let sum):
      terms = sum.terms.map { term in
        let symbol = NormSymbol(bounds.plan.name(of: term.map))
        let norm = composed.norms[symbol]?.upper ?? .infinity
        return (term.factors.reduce(norm) { $0 * $1.upper }, term.source)
      }
      replaced = sum.replaced
    case .chain(let chain):
      terms = [(chain.norm, chain.source)]
      replaced = model.path(from: chain.source, to: index + 1)
    case .multipliers(let found):
      terms = [(found.norm, found.source)]
      replaced = found.region.positions
    }
  }

  func bound(_ bounds: [UpperBound], from start: Int) -> UpperBound {
    let incoming = operands.map { bounds[$0] }
    guard incoming.contains(where: { $0 > .zero }) else { return .zero }
    let byOperands: UpperBound =
      switch rule {
      case .product(let constant): constant * Self.norm(incoming)
      case .sum: incoming.reduce(.zero) { $0 + $1 }
      case .rootSumSquares: Self.norm(incoming)
      }
    guard let replaced, !replaced.contains(start) else { return byOperands }
    let bySum = terms.reduce(UpperBound.zero) { sum, term in
      bounds[term.source] == .zero ? sum : sum + term.factor * bounds[term.source]
    }
    return min(byOperands, bySum)
  }

  /// Bounds the change of all operands as one vector.
  private static func norm(_ operands: [UpperBound]) -> UpperBound {
    operands.count == 1
      ? operands[0] : operands.reduce(.zero) { $0 + $1 * $1 }.squareRoot()
  }
}

extension Model {
  /// The positions on the chain from one position to a later one, without the former; every node on it has one
  /// operand.
  func path(from source: Int, to end: Int) -> Set<Int> {
    var path: Set<Int> = []
    var position = end
    while position > source {
      path.insert(position)
      position = nodes[position - 1].operands[0].position
    }
    return path
  }
}
