import Enclosure

/// Re-derives the bounds of a network, taking a certificate's numbers as guesses.
struct BoundCheck {
  let network: Network
  /// Bounds each layer by itself; 1 for additions and concatenations, where it is not used.
  private(set) var constants: [UpperBound] = []
  /// Bounds the map from the input to each position.
  private(set) var bounds: [UpperBound] = [.one]
  /// Bounds differences of two outputs, row-major.
  var pairs: [UpperBound] = []

  /// A norm is checked at the claimed number times this: the claim's proof and the checker's may differ
  /// by their own rounding errors.
  static let tolerance = 1 + 0x1p-28
  /// What is derived may exceed a claim by this factor, after many steps.
  private static let derivedTolerance = 1 + 0x1p-21

  init(_ network: Network) { self.network = network }

  /// The larger of a claim and what was derived, which is what later steps use.
  func accepted(
    _ derived: UpperBound, _ claim: Entry
  ) throws(Refusal) -> UpperBound {
    let bound = try claim.bound
    guard
      !bound.isFinite
        || derived.value <= DirectedRounding.multiplyDown(bound.value, Self.derivedTolerance)
    else {
      throw claim.refuted("the bound shown is \(derived.value), not \(bound.value)")
    }
    return max(derived, bound)
  }

  /// A claimed norm with the tolerance it is checked with.
  func candidate(_ claim: Entry) throws(Refusal) -> Double {
    DirectedRounding.multiplyUp(try claim.bound.value, Self.tolerance)
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
        "layer", "constant", "composition", "expression", "split", "terms", "chain", "bound",
      ])
      guard try entry("layer").string == node.name else {
        throw try entry("layer").refuted("expected the layer '\(node.name)'")
      }
      constants.append(try constant(of: node, entry))
      let derived: UpperBound
      let composition = try entry("composition")
      switch try composition.string {
      case "product": derived = product(node)
      case "regions", "liplt": derived = try sum(at: bounds.count, entry)
      case "eclipse": derived = try chain(to: bounds.count, try entry("chain"))
      case let other:
        throw composition.refuted("not verified: unknown composition '\(other)'")
      }
      bounds.append(try accepted(derived, try entry("bound")))
    }
  }

  private func constant(
    of node: Network.Node, _ entry: Entry
  ) throws(Refusal) -> UpperBound {
    let derived: UpperBound
    switch node.form {
    case .sum, .concatenation: return .one
    case .identity: derived = .one
    case .elementwise(let slopes):
      derived = UpperBound(proven: max(-slopes.lowerBound, slopes.upperBound))
    case .nonlinear(let constant), .linear(_, norm: let constant?): derived = constant
    case .linear(let map, norm: nil), .nonlinearNorm(let map):
      let claim = try entry("constant")
      let number = UpperBound(proven: try candidate(claim))
      guard !number.isFinite || NormCheck.isBounded(map, by: number.value) else {
        throw claim.refuted(
          "not verified: the norm of '\(node.name)' could not be shown to be at most \(try claim.bound.value)"
        )
      }
      return number
    }
    return try accepted(derived, try entry("constant"))
  }

  private func product(_ node: Network.Node) -> UpperBound {
    let operands = node.operands.map { bounds[$0] }
    switch node.form {
    case .sum: return operands.reduce(.zero, +)
    case .concatenation: return operands.reduce(.zero) { $0 + $1 * $1 }.squareRoot()
    case .linear, .identity, .elementwise, .nonlinear, .nonlinearNorm:
      return constants[constants.count - 1] * operands[0]
    }
  }
}
