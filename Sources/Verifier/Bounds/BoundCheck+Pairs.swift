import Enclosure

/// Constants of differences of two outputs.
extension BoundCheck {
  /// Checks the constants of differences: row i of the table has those of F_i − F_j for j < i.
  mutating func check(pairs table: Entry, differences: Entry) throws(Refusal) {
    let count = network.count(at: network.nodes.count)
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
    let output = network.nodes.count
    let uniform = UpperBound(proven: 2).squareRoot() * bounds[output]
    var best = Array(repeating: uniform, count: count * count)
    func take(_ values: [UpperBound]) { best = zip(best, values).map(min) }
    if network.nodes[output - 1].form.matrix != nil {
      // F = W g + b: |F_i − F_j| changes by at most ‖w_i − w_j‖ times what g does.
      let head = network.nodes[output - 1]
      take(
        try distances(
          [(factor: bounds[head.operands[0]], map: try headMap(head))], count, differences.first))
    }
    // A sum often continues the one before, whose explicit matrices are kept.
    var known: (names: [String], sum: Expansion) = ([], expansion(of: output))
    for entry in differences {
      try entry.require(keys: ["split", "chain"])
      if let chainEntry = try entry.optional("chain") {
        let (chain, source) = try chain(chainEntry, to: output)
        guard let values = chain.differences() else {
          throw chainEntry.refuted("not verified: the chain's matrix could not be factorized")
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

  private func headMap(_ head: Network.Node) throws(Refusal) -> ComposedMap {
    guard let map = head.form.matrix else { preconditionFailure("the head is linear") }
    return ComposedMap.identity(map.outputs).after(map, constant: .infinity)
  }

  /// Σ factor · ‖row i − row j‖.
  private func distances(
    _ parts: [(factor: UpperBound, map: ComposedMap)], _ count: Int, _ entry: Entry?
  ) throws(Refusal) -> [UpperBound] {
    var total = Array(repeating: UpperBound.zero, count: count * count)
    for part in parts {
      guard let matrix = part.map.matrix else {
        guard let entry else { return Array(repeating: .infinity, count: count * count) }
        throw entry.refuted("not verified: the operator is too large for an explicit matrix")
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
