import Certification
import Compiler
import Files
import ModelIR
import TensorGraph

/// Test points, and perturbations along the worst known directions and along random ones.
extension Auditor {
  private static let batch = 100
  /// Roundings of a point of the worst direction that are tried.
  private static let roundings = 8

  /// The points themselves: labels other than those of the data, and predictions other than claimed.
  func points(labels: [Int]) throws -> Trial {
    var found: [Contradiction] = []
    for (index, claim) in claims.points.enumerated() where labels[index] != claim.label {
      let sample = Array(try samples[index])
      found.append(
        Contradiction(
          claim: .label(index: index), source: "test points", shape: samples.shape,
          original: sample, point: sample, claimed: Double(claim.label),
          found: Double(labels[index])))
    }
    var suspects: [Int] = []
    try predictor(of: samples).forEachLogits(of: samples) { index, logits in
      let predicted = MarginTest.prediction(of: Array(logits))
      let claim = claims.points[index]
      let isDoubtful = claim.radius > 0 && !logits.isAhead(claim.label)
      if isDoubtful || predicted != claim.predicted { suspects.append(index) }
    }
    for index in suspects {
      let proofs = [
        try check.contradiction(
          index, predicted: claims.points[index].predicted, source: "test points"),
        try contradiction(index, Array(try samples[index]), source: "test points"),
      ]
      found += proofs.compactMap { $0 }
    }
    return (samples.count, found)
  }

  /// Neighbouring floats just inside the radius, along the direction of the nearest adversarial example.
  func boundary(_ nearest: [Int: [Float]]) throws -> Trial {
    var candidates: [(index: Int, point: [Float])] = []
    for index in nearest.keys.sorted() {
      guard let end = nearest[index] else { continue }
      let centre = Array(try samples[index])
      let length = PointDistance.upper(end, centre)
      guard length > 0 else { continue }
      for rounding in 0..<Self.roundings {
        let share = claims.points[index].radius / length * (1 - Double(rounding) * 0x1p-24)
        let point = neighbour(centre, end, share, rounding: rounding, index: index)
        if PointDistance.upper(point, centre) < claims.points[index].radius {
          candidates.append((index, point))
        }
      }
    }
    return (candidates.count, try contradictions(candidates, source: "floats at the radius"))
  }

  /// A point of the way, each element rounded down or up at random, except in the first rounding.
  private func neighbour(
    _ centre: [Float], _ end: [Float], _ share: Double, rounding: Int, index: Int
  ) -> [Float] {
    let stream = CounterRandom.stream(seed: compilation.seed, "neighbour \(index)")
    return centre.indices.map { element in
      let way = Double(end[element]) - Double(centre[element])
      let exact = Double(centre[element]) + share * way
      let rounded = Float(exact)
      guard rounding > 0, Double(rounded) != exact else { return rounded }
      let other = Double(rounded) < exact ? rounded.nextUp : rounded.nextDown
      let bits = CounterRandom.bits(
        stream: stream, counter: UInt64(rounding), index: UInt64(element))
      return bits & 1 == 0 ? rounded : other
    }
  }

  /// Those of the points that disprove a radius.
  private func contradictions(
    _ candidates: [(index: Int, point: [Float])], source: String
  ) throws -> [Contradiction] {
    guard !candidates.isEmpty else { return [] }
    let set = try SampleSet(
      LabeledData(
        shape: samples.shape, values: candidates.flatMap(\.point),
        labels: candidates.map { samples.labels[$0.index] }), scale: 1, classes: samples.classes)
    var fallen: [Int] = []
    try predictor(of: set).forEachLogits(of: set) { index, logits in
      if !logits.isAhead(set.labels[index]) { fallen.append(index) }
    }
    return try fallen.compactMap {
      try contradiction(candidates[$0].index, candidates[$0].point, source: source)
    }
  }

  private func predictor(of set: SampleSet) throws -> Predictor {
    let batch = min(Self.batch, set.count)
    let prediction = Prediction(model: compilation.model, batch: batch)
    let predictor = Predictor(try engines.team.compile(prediction.graph), batch: batch)
    predictor.load(weights)
    return predictor
  }

  /// Random directions at ``sphereShare`` of the radius, at least `count` in all.
  func sphere(count: Int) throws -> Trial {
    let search = SphereSearch(
      model: compilation.model, weights: weights, samples: samples, seed: compilation.seed,
      backend: engines.single, workers: engines.workers)
    let spheres = certified.map {
      SphereSearch.Sphere(index: $0, radius: claims.points[$0].radius * Self.sphereShare)
    }
    let (tried, fallen) = try search.run(spheres, count: count, progress: progress)
    let found = try fallen.compactMap {
      try contradiction($0.index, $0.point, source: "random directions")
    }
    return (tried, found)
  }
}

extension UnsafeBufferPointer<Float> {
  /// Whether a class's logit is strictly the largest; not so for NaN.
  fileprivate func isAhead(_ label: Int) -> Bool {
    indices.allSatisfy { $0 == label || self[$0] < self[label] }
  }
}
