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
          $0 + $1.distances[pair] * bounds[$1.source]
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
      try entry.require(keys: ["split", "chain", "region"])
      if let chainEntry = try entry.optional("chain") {
        let (chain, source) = try chain(chainEntry, to: output)
        guard let values = chain.differences(workers) else {
          throw chainEntry.refuted("not verified: the chain's matrix could not be factorized")
        }
        found.append(
          DifferenceBound(
            parts: [(source, values.map { ClaimedBound($0) })],
            replaced: chain.between.union([output])))
      } else if let region = try entry.optional("region") {
        found.append(try differences(region, count))
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

  /// By multipliers of single pairs for a part that ends in the logits.
  private func differences(_ entry: Entry, _ count: Int) throws(Refusal) -> DifferenceBound {
    try entry.require(keys: ["from", "front", "own"])
    let output = network.nodes.count
    let (form, source) = try region(entry, to: output)
    var distances = Array(repeating: ClaimedBound.infinity, count: count * count)
    var pairs: [(i: Int, j: Int, claim: Entry, bound: UpperBound, own: [Double])] = []
    for pair in try entry("own").elements {
      try pair.require(keys: ["outputs", "multipliers", "norm"])
      let outputs = try pair("outputs").integers
      guard outputs.count == 2, outputs[1] >= 0, outputs[1] < outputs[0], outputs[0] < count else {
        throw try pair("outputs").refuted("expected two logits, the second before the first")
      }
      let own = try multipliers(try pair("multipliers"), form)
      pairs.append((outputs[0], outputs[1], pair, try pair("norm").bound, own))
    }
    let proved = workers.map(pairs.count) { [pairs] index -> UpperBound? in
      let (i, j, _, bound, own) = pairs[index]
      let number = DirectedRounding.multiplyUp(bound.value, 1 + 0x1p-24)
      return form.isDifferenceBounded(i, j, by: number, own, .single)
        ? UpperBound(proven: number) : nil
    }
    for (pair, proved) in zip(pairs, proved) {
      guard let proved else {
        throw try pair.claim("norm").refuted(
          "not verified: the constant could not be shown to be at most \(pair.bound.value)")
      }
      let bound = ClaimedBound(claimed: pair.bound, proved: proved)
      for place in [pair.i * count + pair.j, pair.j * count + pair.i] {
        distances[place] = .least(distances[place], bound)
      }
    }
    return DifferenceBound(
      parts: [(source, distances)], replaced: form.between.union([output]))
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
    return DifferenceBound(
      parts: [(head.operands[0], distances.map { ClaimedBound($0) })], replaced: [output])
  }

  /// Σ factors · ‖row i − row j‖.
  private func difference(
    _ sum: Expansion, _ count: Int, _ entry: Entry
  ) throws(Refusal) -> DifferenceBound {
    var parts: [(source: Int, distances: [ClaimedBound])] = []
    for term in sum.terms {
      guard let matrix = term.map.rows(workers) else {
        throw entry.refuted("not verified: the operator is too large for an explicit matrix")
      }
      let factor = term.factors.reduce(.one, *)
      parts.append((term.source, matrix.distances(workers).map { ClaimedBound(factor * $0) }))
    }
    return DifferenceBound(parts: parts, replaced: sum.replaced)
  }
}
