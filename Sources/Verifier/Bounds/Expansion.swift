import Enclosure

/// A layer's output written as a sum over earlier values:
/// v = Σ A_q q + Σ A_a ψ_a(z_a) + const, hence L(v) ≤ Σ ‖A_q‖ L(q) + Σ ρ_a ‖A_a‖ L(z_a).
///
/// Linear layers are followed at once, the last first. Additions, concatenations and activations are
/// replaced where the certificate says so; an activation φ becomes μz + ψ(z), whose difference quotients
/// lie within ρ of 0.
struct Expansion {
  /// Π factors · ‖map‖ · L(source).
  struct Term {
    let factors: [UpperBound]
    let map: PathMap
    let source: Int
  }

  private let network: Network
  /// Each layer's own constant.
  private let constants: [UpperBound]
  private var frontier: [Int: PathMap]
  private var remainders: [(radius: UpperBound, map: PathMap, source: Int)] = []

  /// Begins at a position.
  init(of position: Int, in network: Network, constants: [UpperBound]) {
    (self.network, self.constants) = (network, constants)
    frontier = [position: .identity(network.count(at: position))]
    followLinearLayers()
  }

  /// Replaces a position; nil-safe: says why it could not.
  mutating func expand(_ position: Int) -> String? {
    guard position > 0, let map = frontier.removeValue(forKey: position) else {
      return "'\(network.name(of: position))' is not a part of the sum"
    }
    let layer = network.layers[position - 1]
    switch layer.function {
    case .addition:
      for operand in layer.operands { add(map, at: operand) }
    case .concatenation(let places):
      for (operand, places) in zip(layer.operands, places) { add(map.placed(places), at: operand) }
    case .pointwise(let function):
      // Any μ is right; this one makes ρ smallest, and few digits keep products exact.
      let middle = Double(Float((function.highest + function.lowest) / 2))
      let above = DirectedRounding.addUp(function.highest, -middle)
      let below = DirectedRounding.addUp(middle, -function.lowest)
      let radius = UpperBound(proven: max(above, below))
      remainders.append((radius, map, layer.operands[0]))
      if middle != 0 { add(middle == 1 ? map : map.scaled(by: middle), at: layer.operands[0]) }
    case .linear, .centering, .copy, .maxima, .sorted, .grouped:
      return "'\(layer.name)' cannot be split"
    }
    followLinearLayers()
    return nil
  }

  /// The sum: remainders in the order of splitting, then the frontier in the order of layers.
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

  private mutating func add(_ map: PathMap, at position: Int) {
    frontier[position] = frontier[position].map { $0.plus(map) } ?? map
  }

  private mutating func followLinearLayers() {
    while let position = frontier.keys.filter(isLinear).max(),
      let map = frontier.removeValue(forKey: position)
    {
      let layer = network.layers[position - 1]
      if let matrix = layer.function.matrix {
        add(map.after(matrix, constant: constants[position - 1]), at: layer.operands[0])
      } else {
        add(map, at: layer.operands[0])
      }
    }
  }

  private func isLinear(_ position: Int) -> Bool {
    guard position > 0 else { return false }
    switch network.layers[position - 1].function {
    case .linear, .centering, .copy: return true
    case .pointwise, .maxima, .sorted, .grouped, .addition, .concatenation: return false
    }
  }
}
