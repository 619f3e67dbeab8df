import Enclosure
import ModelIR

/// Rates of change against the certificate's Lipschitz constants.
extension Auditor {
  /// Slopes of each label's differences by ascent in the certified balls.
  func slopes(_ nearest: [Int: [Float]]) throws -> Trial {
    let search = try SlopeSearch(
      model: compilation.model, weights: weights, box: nil, samples: samples,
      seed: compilation.seed, backend: engines.team, progress: progress)
    let proof = SlopeProof(exact: exact, shape: samples.shape)
    var found: [Contradiction] = []
    let balls = certified.map {
      SlopeSearch.Ball(index: $0, radius: claims.points[$0].radius, end: nearest[$0])
    }
    try search.run(balls, count: Self.slopes) { steepest in
      let label = samples.labels[steepest.index]
      let bound = claims.pair(label, steepest.other)
      guard steepest.slope.value > bound else { return }
      let shown = proof.contradiction(steepest, label: label, bound: bound, source: "slopes")
      if let shown { found.append(shown) }
    }
    return (balls.count * (samples.classes - 1) * Self.slopes, found)
  }

  /// Slopes between test points, of every difference of logits.
  func pairs() throws -> Trial {
    let points = try (0..<min(samples.count, Self.pairedPoints)).map { Array(try samples[$0]) }
    let rows = exact.rows(points)
    var found: [Contradiction] = []
    var tried = 0
    progress.expect(points.count)
    for a in points.indices {
      for b in points.indices.dropFirst(a + 1) {
        tried += 1
        let distance = PointDistance.upper(points[a], points[b])
        found += classPairs.compactMap { i, j in
          guard let slope = SlopeProof.slope(rows[a], rows[b], i, j, over: distance),
            slope > claims.pair(i, j)
          else { return nil }
          return Contradiction(
            claim: .pair(i, j), source: "pairs of points", shape: samples.shape,
            original: points[a], point: points[b], claimed: claims.pair(i, j), found: slope)
        }
      }
      progress.advance(by: 1)
    }
    return (tried, found)
  }

  /// The finite constants of layers, alone and from the input.
  var layerClaims: [ConstantSearch.Claim] {
    claims.layers.enumerated().flatMap { index, layer in
      let alone = ConstantSearch.Claim(
        claim: .constant(layer: layer.name), part: .layer(index), claimed: layer.constant)
      let bound = ConstantSearch.Claim(
        claim: .bound(layer: layer.name), part: .upTo(index), claimed: layer.bound)
      let hasOwn = compilation.model.nodes[index].operands.count == 1
      return (hasOwn ? [alone, bound] : [bound]).filter { $0.claimed < .infinity }
    }
  }

  /// The finite constants of differences of logits.
  var pairClaims: [ConstantSearch.Claim] {
    classPairs.map {
      ConstantSearch.Claim(claim: .pair($0, $1), part: .logits, claimed: claims.pair($0, $1))
    }.filter { $0.claimed < .infinity }
  }

  private var classPairs: [(Int, Int)] {
    (0..<samples.classes).flatMap { i in (0..<i).map { (i, $0) } }
  }

  /// Two points that a map draws apart, for each constant; `constants` receives how near the rates come.
  func stretch(
    _ wanted: [ConstantSearch.Claim], _ constants: inout [AuditReport.Constant]
  ) throws -> Trial {
    let search = ConstantSearch(
      model: compilation.model, weights: weights, samples: samples, seed: compilation.seed,
      backend: engines.single, workers: engines.workers)
    let results = try search.run(wanted, progress: progress)
    constants += results.map {
      .init(claim: $0.claim.claim, claimed: $0.claim.claimed, found: $0.rate.value)
    }
    let found = results.filter { $0.rate.value > $0.claim.claimed }.map { result in
      Contradiction(
        claim: result.claim.claim, source: "stretched pairs",
        shape: result.claim.part.inputShape(in: compilation.model), original: result.ends[0],
        point: result.ends[1], claimed: result.claim.claimed, found: result.rate.value)
    }
    return (wanted.count, found)
  }
}
