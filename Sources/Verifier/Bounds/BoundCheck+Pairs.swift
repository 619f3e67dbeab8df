import Enclosure

/// Constants of differences of two outputs.
extension BoundCheck {
  /// Checks the constants of differences: row i of the table has those of F_i − F_j for j < i.
  mutating func check(pairs table: Entry, differences entries: Entry) throws(Refusal) {
    let count = network.count(at: network.nodes.count)
    differences = try differenceBounds(count, try entries.elements)
    let derived = derivedPairs(count)
    let rows = try table.elements
    guard rows.count == count else { throw table.refuted("there are \(count) logits") }
    pairs = Array(repeating: .zero, count: count * count)
    for (i, row) in rows.enumerated() {
      let claims = try row.elements
      guard claims.count == i else { throw row.refuted("row \(i) has \(i) pairs") }
      for (j, claim) in claims.enumerated() {
        let bound = try accepted(derived[i * count + j], claim).proved
        pairs[i * count + j] = bound
        pairs[j * count + i] = bound
      }
    }
  }

  /// The least that √2·L(F) and the bounds of differences give, pair by pair.
  private func derivedPairs(_ count: Int) -> [ClaimedBound] {
    let root = ClaimedBound(UpperBound(proven: 2).squareRoot())
    let uniform = root * bounds[network.nodes.count]
    return (0..<count * count).map { pair in
      differences.reduce(uniform) { best, difference in
        let total = difference.parts.reduce(ClaimedBound.zero) {
          $0 + ClaimedBound($1.distances[pair]) * bounds[$1.source]
        }
        return .least(best, total)
      }
    }
  }

  private func differenceBounds(
    _ count: Int, _ entries: [Entry]
  ) throws(Refusal) -> [DifferenceBound] {
    let output = network.nodes.count
    var found = [headDifferences(count)].compactMap(\.self)
    // A sum often continues the one before, whose explicit matrices are kept.
    var known: (names: [String], sum: Expansion) = ([], expansion(of: output))
    for entry in entries {
      try entry.require(keys: ["split", "chain"])
      if let chainEntry = try entry.optional("chain") {
        let (chain, source) = try chain(chainEntry, to: output)
        guard let values = chain.differences(workers) else {
          throw chainEntry.refuted("not verified: the chain's matrix could not be factorized")
        }
        found.append(
          DifferenceBound(parts: [(source, values)], replaced: chain.between.union([output])))
      } else {
        let split = try entry("split").elements
        var names: [String] = []
        for name in split { names.append(try name.string) }
        if !names.starts(with: known.names) { known = ([], expansion(of: output)) }
        known = (names, try expansion(known.sum, split[known.names.count...]))
        found.append(try difference(known.sum, count, entry))
      }
    }
    return found
  }

  /// F = W g + b: |F_i − F_j| changes by at most ‖w_i − w_j‖ times what g does.
  private func headDifferences(_ count: Int) -> DifferenceBound? {
    let (output, head) = (network.nodes.count, network.nodes[network.nodes.count - 1])
    guard let map = head.form.matrix, map.coefficientError == 0 else { return nil }
    let rows = map.denseRows
    let distances = (0..<count * count).map { pair in
      let differences = zip(rows[pair / count], rows[pair % count]).map { $0 - $1 }
      return AccumulatedError.euclideanNorm(differences, roundings: 1).upper
    }
    return DifferenceBound(parts: [(head.operands[0], distances)], replaced: [output])
  }

  /// Σ factors · ‖row i − row j‖.
  private func difference(
    _ sum: Expansion, _ count: Int, _ entry: Entry
  ) throws(Refusal) -> DifferenceBound {
    var parts: [(source: Int, distances: [UpperBound])] = []
    for term in sum.terms {
      guard let matrix = term.map.rows(workers) else {
        throw entry.refuted("not verified: the operator is too large for an explicit matrix")
      }
      let factor = term.factors.reduce(.one, *)
      parts.append((term.source, matrix.distances(workers).map { factor * $0 }))
    }
    return DifferenceBound(parts: parts, replaced: sum.replaced)
  }
}
