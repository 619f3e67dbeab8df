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

  func sum(at position: Int, _ entry: Entry) throws(Refusal) -> Composition {
    let split = try entry("split").elements
    let expansion = try expansion(expansion(of: position), split[...])
    let terms = expansion.terms
    let claims = try entry("terms").elements
    guard claims.count == terms.count else {
      throw try entry("terms").refuted("the sum has \(terms.count) terms, found \(claims.count)")
    }
    var checked: [Composition.Term] = []
    for (term, claim) in zip(terms, claims) {
      try claim.require(keys: ["map", "from", "norm"])
      guard try self.position(try claim("from")) == term.source, term.source < position else {
        throw try claim("from").refuted("expected the term of '\(network.name(of: term.source))'")
      }
      let bound = try claim("norm").bound
      guard let proved = term.map.bound(near: bound, known, workers) else {
        throw try claim("norm").refuted(
          "not verified: the norm could not be shown to be at most \(bound.value)")
      }
      let norm = ClaimedBound(claimed: bound, proved: proved)
      checked.append(
        .init(norm: term.factors.map(ClaimedBound.init).reduce(norm, *), source: term.source))
    }
    return .sum(checked, replaced: expansion.replaced)
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

  func chain(to position: Int, _ entry: Entry) throws(Refusal) -> Composition {
    let (chain, source) = try chain(
      entry, to: position, keys: ["from", "multipliers", "norm"])
    // The factorization of a larger matrix than a norm's needs a larger tolerance.
    let norm = try norm(try entry("norm"), tolerance: 1 + 0x1p-24, "chain's constant") {
      chain.isBounded(by: $0, workers)
    }
    return .part(norm: norm, source: source, between: chain.between)
  }

  /// A part of the network with a multiplier for each rectifier.
  func region(_ entry: Entry, to position: Int) throws(Refusal) -> (RectifierForm, source: Int) {
    let source = try self.position(try entry("from"))
    var front: (layers: ImageFront, factor: [Double])?
    if let convolutions = try entry.optional("front") {
      front = try self.front(convolutions, from: source, before: position)
    }
    guard source < position,
      let form = RectifierForm(from: source, to: position, in: network, after: front)
    else {
      throw entry.refuted("not a part of linear layers, activations and comparisons")
    }
    return (form, source)
  }

  /// The convolutions at the beginning of a part, with a multiplier for each channel.
  private func front(
    _ entry: Entry, from source: Int, before position: Int
  ) throws(Refusal) -> (layers: ImageFront, factor: [Double]) {
    try entry.require(keys: ["to", "channels"])
    let target = try self.position(try entry("to"))
    var multipliers: [(layer: String, values: [Double])] = []
    for channels in try entry("channels").elements {
      try channels.require(keys: ["layer", "multipliers"])
      var values: [Double] = []
      for number in try channels("multipliers").elements { values.append(try number.magnitude) }
      guard values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw try channels("multipliers").refuted("expected positive multipliers")
      }
      multipliers.append((try channels("layer").string, values))
    }
    guard source < target, target < position,
      let layers = ImageFront(
        from: source, to: target, in: network, multipliers: multipliers)
    else {
      throw entry.refuted(
        "not convolutions with one positive multiplier for each channel, and linear layers after them"
      )
    }
    guard let factor = layers.factor(workers) else {
      throw entry.refuted("not verified: the multipliers of channels prove nothing")
    }
    return (layers, factor)
  }

  /// One positive number for each rectifier.
  func multipliers(_ entry: Entry, _ form: RectifierForm) throws(Refusal) -> [Double] {
    var multipliers: [Double] = []
    for number in try entry.elements { multipliers.append(try number.magnitude) }
    guard multipliers.count == form.count, multipliers.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw entry.refuted("expected \(form.count) positive multipliers")
    }
    return multipliers
  }

  func region(to position: Int, _ entry: Entry) throws(Refusal) -> Composition {
    try entry.require(keys: ["from", "front", "multipliers", "norm"])
    let (form, source) = try region(entry, to: position)
    let multipliers = try multipliers(try entry("multipliers"), form)
    let norm = try norm(try entry("norm"), tolerance: 1 + 0x1p-24, "constant by multipliers") {
      form.isBounded(by: $0, multipliers, workers)
    }
    return .part(norm: norm, source: source, between: form.between)
  }
}
