import Enclosure

/// Re-derives the bounds of a network, taking a certificate's numbers as guesses.
struct BoundCheck {
  private let network: Network
  /// Bounds each layer by itself; 1 for additions and concatenations, where it is not used.
  private(set) var constants: [UpperBound] = []
  /// Bounds the map from the input to each position.
  private(set) var bounds: [UpperBound] = [.one]
  /// Bounds differences of two outputs, row-major.
  private(set) var pairs: [UpperBound] = []

  /// A norm is checked at the claimed number times this: the claim's proof and the checker's may differ
  /// by their own rounding errors.
  static let room = 1 + 0x1p-28
  /// What is derived may exceed a claim by this factor, after many steps.
  private static let tolerance = 1 + 0x1p-21

  init(_ network: Network) { self.network = network }

  /// The larger of a claim and what was derived, which is what later steps use.
  private func accepted(
    _ derived: UpperBound, _ claim: Entry
  ) throws(Refusal) -> UpperBound {
    let bound = try claim.bound
    guard
      !bound.isFinite
        || derived.value <= DirectedRounding.multiplyDown(bound.value, Self.tolerance)
    else {
      throw claim.refuted("what can be shown is a bound of \(derived.value), not of \(bound.value)")
    }
    return max(derived, bound)
  }

  /// A claimed norm with the room it is checked at.
  private func candidate(_ claim: Entry) throws(Refusal) -> Double {
    DirectedRounding.multiplyUp(try claim.bound.value, Self.room)
  }

  private func position(_ entry: Entry) throws(Refusal) -> Int {
    let name = try entry.string
    if name == "input" { return 0 }
    guard let index = network.layers.firstIndex(where: { $0.name == name }) else {
      throw entry.refuted("the network has no layer '\(name)'")
    }
    return index + 1
  }

  // MARK: Layers

  /// Checks the entries of all layers, in order.
  mutating func check(layers entries: [Entry], list: Entry) throws(Refusal) {
    guard entries.count == network.layers.count else {
      throw list.refuted("the network has \(network.layers.count) layers, found \(entries.count)")
    }
    for (layer, entry) in zip(network.layers, entries) {
      try entry.require(keys: [
        "layer", "constant", "composition", "expression", "split", "terms", "chain", "bound",
      ])
      guard try entry("layer").string == layer.name else {
        throw try entry("layer").refuted("the layer here is '\(layer.name)'")
      }
      constants.append(try constant(of: layer, entry))
      let derived: UpperBound
      let composition = try entry("composition")
      switch try composition.string {
      case "product": derived = product(layer)
      case "regions", "liplt": derived = try sum(at: bounds.count, entry)
      case "eclipse": derived = try chain(to: bounds.count, try entry("chain"))
      case let other:
        throw composition.refuted("not verified: the composition '\(other)' is unknown")
      }
      bounds.append(try accepted(derived, try entry("bound")))
    }
  }

  private func constant(
    of layer: Network.Layer, _ entry: Entry
  ) throws(Refusal) -> UpperBound {
    let derived: UpperBound
    switch layer.function {
    case .addition, .concatenation: return .one
    case .copy, .sorted, .centering: derived = .one
    case .pointwise(let function): derived = UpperBound(proven: function.constant)
    case .maxima(_, let constant): derived = UpperBound(proven: constant)
    case .grouped(_, .known(let constant)): derived = constant
    case .linear(let map), .grouped(_, .norm(let map)):
      let claim = try entry("constant")
      let number = UpperBound(proven: try candidate(claim))
      guard !number.isFinite || NormCheck.isBounded(map, by: number.value) else {
        throw claim.refuted("not verified: ‖\(layer.name)‖ could not be shown to be at most this")
      }
      return number
    }
    return try accepted(derived, try entry("constant"))
  }

  private func product(_ layer: Network.Layer) -> UpperBound {
    let operands = layer.operands.map { bounds[$0] }
    switch layer.function {
    case .addition: return operands.reduce(.zero, +)
    case .concatenation: return operands.reduce(.zero) { $0 + $1 * $1 }.squareRoot()
    case .linear, .centering, .copy, .pointwise, .maxima, .sorted, .grouped:
      return constants[constants.count - 1] * operands[0]
    }
  }

  // MARK: Sums and chains

  /// A sum with some positions replaced, beginning with one that is known.
  private func expansion(
    _ start: Expansion, _ split: ArraySlice<Entry>
  ) throws(Refusal) -> Expansion {
    var expansion = start
    for name in split {
      if let fault = expansion.expand(try self.position(name)) { throw name.refuted(fault) }
    }
    return expansion
  }

  private func expansion(of position: Int) -> Expansion {
    Expansion(of: position, in: network, constants: constants)
  }

  private func sum(at position: Int, _ entry: Entry) throws(Refusal) -> UpperBound {
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
        throw try claim("from").refuted("this term is of '\(network.name(of: term.source))'")
      }
      guard let norm = term.map.bound(near: try claim("norm").bound) else {
        throw try claim("norm").refuted(
          "not verified: the norm could not be shown to be at most this")
      }
      let scale = term.factors.reduce(norm, *)
      total = total + scale * bounds[term.source]
    }
    return total
  }

  private func chain(_ entry: Entry, to position: Int) throws(Refusal) -> (Chain, source: Int) {
    try entry.require(keys: ["from", "multipliers", "norm"])
    var multipliers: [Double] = []
    for number in try entry("multipliers").elements { multipliers.append(try number.magnitude) }
    let source = try self.position(try entry("from"))
    guard source < position,
      let chain = Chain(from: source, to: position, in: network, multipliers: multipliers)
    else { throw entry.refuted("there is no chain of dense layers with these multipliers") }
    return (chain, source)
  }

  private func chain(to position: Int, _ entry: Entry) throws(Refusal) -> UpperBound {
    let (chain, source) = try chain(entry, to: position)
    let number = try candidate(try entry("norm"))
    // The factorisation of a larger matrix than a norm's needs more room.
    let claim = DirectedRounding.multiplyUp(number, 1 + 0x1p-24)
    guard chain.isBounded(by: claim) else {
      throw try entry("norm").refuted(
        "not verified: the chain could not be shown to have this constant")
    }
    return UpperBound(proven: claim) * bounds[source]
  }

  // MARK: Pairs

  /// Checks the constants of differences: row i of the table has those of F_i − F_j for j < i.
  mutating func check(pairs table: Entry, differences: Entry) throws(Refusal) {
    let count = network.count(at: network.layers.count)
    let derived = try derivedPairs(count, try differences.elements)
    let rows = try table.elements
    guard rows.count == count else { throw table.refuted("there are \(count) logits") }
    pairs = Array(repeating: .zero, count: count * count)
    for (i, row) in rows.enumerated() {
      let claims = try row.elements
      guard claims.count == i else { throw row.refuted("row \(i) has \(i) pairs") }
      for (j, claim) in claims.enumerated() {
        let bound = try accepted(derived[i * count + j], claim)
        pairs[i * count + j] = bound
        pairs[j * count + i] = bound
      }
    }
  }

  private func derivedPairs(
    _ count: Int, _ differences: [Entry]
  ) throws(Refusal) -> [UpperBound] {
    let output = network.layers.count
    let uniform = UpperBound(proven: 2).squareRoot() * bounds[output]
    var best = Array(repeating: uniform, count: count * count)
    func take(_ values: [UpperBound]) { best = zip(best, values).map(min) }
    if network.layers[output - 1].function.matrix != nil {
      // F = W g + b: |F_i − F_j| moves by at most ‖w_i − w_j‖ times what g does.
      let head = network.layers[output - 1]
      take(
        try distances(
          [(factor: bounds[head.operands[0]], map: try headMap(head))], count, differences.first))
    }
    // Each sum often goes on from the one before, whose maps are written out.
    var known: (names: [String], sum: Expansion) = ([], expansion(of: output))
    for entry in differences {
      try entry.require(keys: ["split", "chain"])
      if let chainEntry = try entry.optional("chain") {
        let (chain, source) = try chain(chainEntry, to: output)
        guard let values = chain.differences() else {
          throw chainEntry.refuted("not verified: the chain's form could not be factorised")
        }
        take(values.map { $0 * bounds[source] })
      } else {
        let split = try entry("split").elements
        var names: [String] = []
        for name in split { names.append(try name.string) }
        if !names.starts(with: known.names) { known = ([], expansion(of: output)) }
        known = (names, try expansion(known.sum, split[known.names.count...]))
        let terms = known.sum.terms
        let parts = terms.map { term in
          (factor: term.factors.reduce(bounds[term.source], *), map: term.map)
        }
        take(try distances(parts, count, entry))
      }
    }
    return best
  }

  private func headMap(_ head: Network.Layer) throws(Refusal) -> PathMap {
    guard let map = head.function.matrix else { preconditionFailure("the head is linear") }
    return PathMap.identity(map.outputs).after(map, constant: .infinity)
  }

  /// Σ factor · ‖row i − row j‖.
  private func distances(
    _ parts: [(factor: UpperBound, map: PathMap)], _ count: Int, _ entry: Entry?
  ) throws(Refusal) -> [UpperBound] {
    var total = Array(repeating: UpperBound.zero, count: count * count)
    for part in parts {
      guard let matrix = part.map.written else {
        guard let entry else { return Array(repeating: .infinity, count: count * count) }
        throw entry.refuted("not verified: the operator is too large to be written out")
      }
      for i in 0..<count {
        for j in 0..<i {
          total[i * count + j] = total[i * count + j] + part.factor * matrix.distance(i, j)
        }
      }
    }
    return total
  }
}
