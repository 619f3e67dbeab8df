import Enclosure
import MatrixProducts

/// Re-derives the bounds of a network, taking a certificate's numbers as guesses.
struct BoundCheck {
  let network: Network
  let workers: Workers
  let known = KnownNorms()
  /// Bounds each layer by itself; 1 for additions and concatenations, where it is not used.
  private(set) var constants: [ClaimedBound] = []
  /// Bounds the map from the input to each position.
  private(set) var bounds: [ClaimedBound] = [.one]
  /// How the bound of each layer is composed.
  private(set) var compositions: [Composition] = []
  /// Bounds differences of two outputs, row-major.
  var pairs: [UpperBound] = []
  /// The sums and chains by which differences of two outputs are bounded.
  var differences: [DifferenceBound] = []

  /// A norm is checked at the claimed number times this: the claim's proof and the checker's may differ
  /// by their own rounding errors.
  static let tolerance = 1 + 0x1p-28

  init(_ network: Network, _ workers: Workers = .single) {
    (self.network, self.workers) = (network, workers)
  }

  /// The bound of a quantity that follows from claims before it, and what is proved of it.
  func accepted(_ derived: ClaimedBound, _ claim: Entry) throws(Refusal) -> ClaimedBound {
    let bound = try claim.bound
    guard !bound.isFinite || derived.isWithin(bound) else {
      throw claim.refuted("the bound shown is \(derived.claimed.value), not \(bound.value)")
    }
    return ClaimedBound(claimed: bound, proved: bound.isFinite ? derived.proved : .infinity)
  }

  func position(_ entry: Entry) throws(Refusal) -> Int {
    let name = try entry.string
    if name == "input" { return 0 }
    guard let index = network.nodes.firstIndex(where: { $0.name == name }) else {
      throw entry.refuted("the network has no layer '\(name)'")
    }
    return index + 1
  }

  /// Checks the entries of all layers, in order.
  mutating func check(layers entries: [Entry], list: Entry) throws(Refusal) {
    guard entries.count == network.nodes.count else {
      throw list.refuted("the network has \(network.nodes.count) layers, found \(entries.count)")
    }
    for (node, entry) in zip(network.nodes, entries) {
      try entry.require(keys: [
        "layer", "constant", "composition", "expression", "split", "terms", "chain", "region",
        "bound",
      ])
      guard try entry("layer").string == node.name else {
        throw try entry("layer").refuted("expected the layer '\(node.name)'")
      }
      constants.append(try constant(of: node, entry))
      let kind = try entry("composition")
      let composition: Composition
      switch try kind.string {
      case "product": composition = .operands
      case "regions", "liplt": composition = try sum(at: bounds.count, entry)
      case "eclipse": composition = try chain(to: bounds.count, try entry("chain"))
      case "multipliers":
        composition = try region(to: bounds.count, try entry("region"))
      case let other: throw kind.refuted("not verified: unknown composition '\(other)'")
      }
      let derived = composition.bound(by: bounds) ?? product(node)
      compositions.append(composition)
      bounds.append(try accepted(derived, try entry("bound")))
    }
  }

  /// Whether plain sums confirm the products in the check of a norm, that of the layer with the fewest
  /// coefficients; nil if no norm has been checked.
  func isNormConfirmed() -> Bool? {
    let maps = network.nodes.compactMap { node -> LinearMap? in
      if case .linear(let map, norm: nil) = node.form, map.count > map.outputs { map } else { nil }
    }
    return maps.min { $0.count < $1.count }.map { NormCheck.isConfirmed($0, workers) }
  }

  private func constant(of node: Network.Node, _ entry: Entry) throws(Refusal) -> ClaimedBound {
    let derived: UpperBound
    switch node.form {
    case .sum, .concatenation: return .one
    case .identity, .comparisons: derived = .one
    case .elementwise(let slopes):
      derived = UpperBound(proven: max(-slopes.lowerBound, slopes.upperBound))
    case .nonlinear(let constant), .linear(_, norm: let constant?): derived = constant
    case .linear(let map, norm: nil), .nonlinearNorm(let map):
      let claim = try entry("constant")
      return try norm(claim, "norm of '\(node.name)'") {
        NormCheck.isBounded(map, by: $0, workers)
      }
    case .gradientStep(let map):
      let claim = try entry("constant")
      return try norm(claim, "constant of '\(node.name)'") { constant in
        // max(1, 2‖M‖² − 1) ≤ c if c ≥ 1 and ‖M‖² ≤ (c + 1)/2.
        let square = DirectedRounding.addDown(constant, 1) / 2
        return constant >= 1
          && NormCheck.isBounded(map, by: DirectedRounding.squareRootDown(square), workers)
      }
    }
    return try accepted(ClaimedBound(derived), try entry("constant"))
  }

  /// A norm that is shown to be at most what is claimed, up to a tolerance.
  func norm(
    _ claim: Entry, tolerance: Double = Self.tolerance, _ what: String,
    _ isBounded: (Double) -> Bool
  ) throws(Refusal) -> ClaimedBound {
    let bound = try claim.bound
    let number = DirectedRounding.multiplyUp(bound.value, tolerance)
    guard !bound.isFinite || isBounded(number) else {
      throw claim.refuted(
        "not verified: the \(what) could not be shown to be at most \(bound.value)")
    }
    return ClaimedBound(claimed: bound, proved: UpperBound(proven: number))
  }

  private func product(_ node: Network.Node) -> ClaimedBound {
    let operands = node.operands.map { bounds[$0] }
    switch node.form {
    case .sum: return operands.reduce(.zero, +)
    case .concatenation: return operands.reduce(.zero) { $0 + $1 * $1 }.squareRoot()
    case .linear, .identity, .elementwise, .comparisons, .nonlinear, .nonlinearNorm, .gradientStep:
      return constants[constants.count - 1] * operands[0]
    }
  }
}
