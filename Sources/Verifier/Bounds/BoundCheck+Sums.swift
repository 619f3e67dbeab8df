import Enclosure

/// Bounds from sums and from chains of dense layers, as an entry names them.
extension BoundCheck {
  /// A sum with some more positions replaced.
  func expansion(
    _ start: Expansion, _ split: ArraySlice<Entry>
  ) throws(Refusal) -> Expansion {
    var expansion = start
    for name in split {
      if let fault = expansion.expand(try self.position(name)) { throw name.refuted(fault) }
    }
    return expansion
  }

  func expansion(of position: Int) -> Expansion {
    Expansion(of: position, in: network, constants: constants)
  }

  func sum(at position: Int, _ entry: Entry) throws(Refusal) -> UpperBound {
    let split = try entry("split").elements
    let terms = try expansion(expansion(of: position), split[...]).terms
    let claims = try entry("terms").elements
    guard claims.count == terms.count else {
      throw try entry("terms").refuted("the sum has \(terms.count) terms, found \(claims.count)")
    }
    var total = UpperBound.zero
    for (term, claim) in zip(terms, claims) {
      try claim.require(keys: ["map", "from", "norm"])
      guard try self.position(try claim("from")) == term.source, term.source < position else {
        throw try claim("from").refuted("expected the term of '\(network.name(of: term.source))'")
      }
      guard let norm = term.map.bound(near: try claim("norm").bound) else {
        throw try claim("norm").refuted(
          "not verified: the norm could not be shown to be at most \(try claim("norm").bound.value)"
        )
      }
      let scale = term.factors.reduce(norm, *)
      total = total + scale * bounds[term.source]
    }
    return total
  }

  func chain(
    _ entry: Entry, to position: Int, keys: Set<String> = ["from", "multipliers"]
  ) throws(Refusal) -> (DenseChain, source: Int) {
    try entry.require(keys: keys)
    var multipliers: [Double] = []
    for number in try entry("multipliers").elements { multipliers.append(try number.magnitude) }
    let source = try self.position(try entry("from"))
    guard source < position,
      let chain = DenseChain(from: source, to: position, in: network, multipliers: multipliers)
    else {
      throw entry.refuted(
        "not a chain of dense layers with one positive multiplier for each activation")
    }
    return (chain, source)
  }

  func chain(to position: Int, _ entry: Entry) throws(Refusal) -> UpperBound {
    let (chain, source) = try chain(
      entry, to: position, keys: ["from", "multipliers", "norm"])
    let number = try candidate(try entry("norm"))
    // The factorization of a larger matrix than a norm's needs a larger tolerance.
    let claim = DirectedRounding.multiplyUp(number, 1 + 0x1p-24)
    guard chain.isBounded(by: claim) else {
      throw try entry("norm").refuted(
        "not verified: the chain's constant could not be shown to be at most \(number)")
    }
    return UpperBound(proven: claim) * bounds[source]
  }
}
