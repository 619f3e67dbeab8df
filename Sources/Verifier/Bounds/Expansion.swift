import Enclosure

/// A layer's output written as a sum over earlier values:
/// v = Σ A_q q + Σ A_a ψ_a(z_a) + const, hence L(v) ≤ Σ ‖A_q‖ L(q) + Σ ρ_a ‖A_a‖ L(z_a).
///
/// Linear layers are replaced at once, the last first, and additions, concatenations and activations where
/// the certificate says so; an activation φ becomes μz + ψ(z), whose difference quotients
/// lie within ρ of 0.
struct Expansion {
  /// Π factors · ‖map‖ · L(source).
  struct Term {
    let factors: [UpperBound]
    let map: ComposedMap
    let source: Int
  }

  private let network: Network
  /// Each layer's own constant.
  private let constants: [ClaimedBound]
  private var frontier: [Int: ComposedMap]
  /// The positions that the sum no longer depends on: it holds whatever their values are.
  private(set) var replaced: Set<Int> = []
  private var remainders: [(radius: UpperBound, map: ComposedMap, source: Int)] = []

  /// The sum whose only term is a position's value.
  init(of position: Int, in network: Network, constants: [ClaimedBound]) {
    (self.network, self.constants) = (network, constants)
    frontier = [position: .identity(network.count(at: position))]
    replaceLinearLayers()
  }

  /// Replaces a position by a sum over its operands; returns why it could not.
  mutating func expand(_ position: Int) -> String? {
    guard position > 0, let map = frontier.removeValue(forKey: position) else {
      return "'\(network.name(of: position))' is not a term of the sum"
    }
    let node = network.nodes[position - 1]
    replaced.insert(position)
    switch node.form {
    case .sum:
      for operand in node.operands { add(map, at: operand) }
    case .concatenation(let places):
      for (operand, places) in zip(node.operands, places) { add(map.placed(places), at: operand) }
    case .elementwise(let slopes):
      // Any μ is right; this one makes ρ smallest, and few digits keep products exact.
      let middle = Double(Float((slopes.upperBound + slopes.lowerBound) / 2))
      let above = DirectedRounding.addUp(slopes.upperBound, -middle)
      let below = DirectedRounding.addUp(middle, -slopes.lowerBound)
      let radius = UpperBound(proven: max(above, below))
      remainders.append((radius, map, node.operands[0]))
      if middle != 0 { add(middle == 1 ? map : map.scaled(by: middle), at: node.operands[0]) }
    case .linear, .identity, .comparisons, .nonlinear, .nonlinearNorm, .gradientStep:
      return "'\(node.name)' cannot be replaced by a sum"
    }
    replaceLinearLayers()
    return nil
  }

  /// The sum: remainders in the order of replacement, then the frontier in the order of layers.
  var terms: [Term] {
    let rest = frontier.sorted { $0.key < $1.key }.map {
      (radius: UpperBound.one, map: $0.value, source: $0.key)
    }
    return (remainders + rest).enumerated().map { index, part in
      let (factors, map) = part.map.withoutFactors
      let numbers = factors.map { UpperBound(proven: $0) }
      return Term(
        factors: index < remainders.count ? [part.radius] + numbers : numbers, map: map,
        source: part.source)
    }
  }

  private mutating func add(_ map: ComposedMap, at position: Int) {
    frontier[position] = frontier[position].map { $0.plus(map) } ?? map
  }

  private mutating func replaceLinearLayers() {
    while let position = frontier.keys.filter(isLinear).max(),
      let map = frontier.removeValue(forKey: position)
    {
      let node = network.nodes[position - 1]
      replaced.insert(position)
      if let factor = node.factor {
        add(map.after(factor, constant: constants[position - 1]), at: node.operands[0])
      } else {
        add(map, at: node.operands[0])
      }
    }
  }

  private func isLinear(_ position: Int) -> Bool {
    guard position > 0 else { return false }
    switch network.nodes[position - 1].form {
    case .linear, .identity: return true
    case .elementwise, .comparisons, .nonlinear, .nonlinearNorm, .gradientStep, .sum,
      .concatenation:
      return false
    }
  }
}
