import Compiler
import Execution
import ModelIR
import TensorGraph

/// Perturbations in bulk: along the worst known directions and along random ones.
extension Auditor {
  private static let batch = 200
  /// Roundings of a point of the worst direction that are tried.
  private static let roundings = 8
  /// After so many contradictions nothing more needs to be tried at random.
  private static let enough = 100

  /// Neighbouring floats just inside the radius, along the direction of the nearest adversarial example.
  func boundary(_ nearest: [Int: [Float]]) throws -> (tried: Int, found: [Contradiction]) {
    var candidates: [(index: Int, point: [Float])] = []
    for index in nearest.keys.sorted() {
      guard let end = nearest[index] else { continue }
      let centre = Array(try samples[index])
      let length = PointDistance.upper(end, centre)
      guard length > 0 else { continue }
      for rounding in 0..<Self.roundings {
        let share = claims.radii[index] / length * (1 - Double(rounding) * 0x1p-24)
        let point = neighbour(centre, end, share, rounding: rounding, index: index)
        if PointDistance.upper(point, centre) < claims.radii[index] {
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
    let batch = min(Self.batch, set.count)
    let predictor = Predictor(
      try backend.compile(Prediction(model: compilation.model, batch: batch).graph), batch: batch)
    predictor.load(weights)
    var fallen: [Int] = []
    try predictor.forEachLogits(of: set) { index, logits in
      let label = set.labels[index]
      let isHeld = logits.indices.allSatisfy { $0 == label || logits[$0] < logits[label] }
      if !isHeld { fallen.append(index) }
    }
    return try fallen.compactMap {
      try contradiction(candidates[$0].index, candidates[$0].point, source: source)
    }
  }

  /// Random directions at ``sphereShare`` of the radius, at least `count` in all.
  func sphere(count: Int) throws -> (tried: Int, found: [Contradiction]) {
    guard !certified.isEmpty, count > 0 else { return (0, []) }
    let batch = min(Self.batch, certified.count)
    let executable = try backend.compile(
      SphereStep(model: compilation.model, batch: batch, seed: compilation.seed).graph)
    executable.load(weights, named: compilation.model.parameters.map(\.name))
    let batches = (certified.count + batch - 1) / batch
    let rounds = (count + batches * batch - 1) / (batches * batch)
    var found: [Contradiction] = []
    var executions = 0
    for start in stride(from: 0, to: certified.count, by: batch) {
      let indices = (start..<start + batch).map { certified[$0 % certified.count] }
      try fill(executable, indices)
      for _ in 0..<rounds where found.count < Self.enough {
        // Kept below 2²⁴, where float32 counts by ones.
        executable.withInput(SphereStep.Name.counter) { $0[0] = Float(executions % (1 << 24)) }
        try executable.execute()
        executions += 1
        found += try fallen(executable, indices)
      }
    }
    return (executions * batch, found)
  }

  private func fill(_ executable: any Executable, _ indices: [Int]) throws {
    try executable.write(samples, indices, to: SphereStep.Name.images)
    executable.withInput(SphereStep.Name.labels) { samples.copyLabels(indices, to: $0) }
    executable.withInput(SphereStep.Name.radii) { buffer in
      for (slot, index) in indices.enumerated() {
        buffer[slot] = Float(claims.radii[index] * Self.sphereShare)
      }
    }
  }

  private func fallen(_ executable: any Executable, _ indices: [Int]) throws -> [Contradiction] {
    let slots = executable.withOutput(SphereStep.Name.isAdversarial) { flags in
      flags.indices.filter { flags[$0] != 0 }
    }
    guard !slots.isEmpty else { return [] }
    let points = executable.read(SphereStep.Name.point).elements
    return try slots.compactMap { slot in
      let point = Array(points[slot * samples.sampleCount..<(slot + 1) * samples.sampleCount])
      return try contradiction(indices[slot], point, source: "random directions")
    }
  }
}
