import Certification
import Compiler
import Diagnostics
import Execution
import Files
import ModelIR
import SpecSyntax

/// Runs the spec's attacks against certificates, and takes the tightness chain.
public struct RobustnessEvaluation {
  private let compilation: Compilation
  private let backend: any Backend
  private let samples: SampleSet
  private let weights: Weights
  private let certificates: [PointCertificate]
  private let bounds: DifferenceBounds
  private let exact: ExactLogits
  private let progress: any SearchObserver

  /// An adversary of certificates in the order of the samples.
  public init(
    _ compilation: Compilation, backend: any Backend, samples: SampleSet,
    weights: Weights, certificates: [PointCertificate], bounds: DifferenceBounds,
    progress: any SearchObserver
  ) {
    self.compilation = compilation
    self.backend = backend
    self.samples = samples
    self.weights = weights
    self.certificates = certificates
    self.bounds = bounds
    self.progress = progress
    exact = ExactLogits(model: compilation.model, weights: weights)
  }

  private var spec: CertifySpec { compilation.spec.certify }

  /// Runs everything; throws ``Failure``.
  public func result() throws -> AttackResults {
    let start = ContinuousClock.now
    let check = try ClassCheck(
      model: compilation.model, weights: weights, samples: samples, backend: backend)
    var nearest: [Int: SampleSetAttack.Example] = [:]
    var rows: [AttackResults.Row] = []
    var contradictions: [Contradiction] = []
    defer { progress.finish() }
    for (name, attack) in namedAttacks {
      progress.begin("attack \(name)")
      var found = try examples(of: attack)
      let inside = found.filter { $0.distance < certificates[$0.index].radius.value }
      let proofs = try inside.map {
        try check.contradiction(
          $0.index, radius: certificates[$0.index].radius.value, $0.point, source: name)
      }
      contradictions += proofs.compactMap { $0 }
      // What neither the engine alone nor exact arithmetic confirms is the rounding of the attack's graph.
      let artefacts = Set(zip(inside, proofs).filter { $0.1 == nil }.map(\.0.index))
      found.removeAll { artefacts.contains($0.index) }
      for example in found where example.distance < nearest[example.index]?.distance ?? .infinity {
        nearest[example.index] = example
      }
      rows += spec.radii.map { row(name, $0, found) }
    }
    var chain: TightnessChain?
    if spec.lipschitzSamples > 0 {
      let taken = try tightness(nearest)
      chain = taken.chain
      contradictions += taken.contradictions
    }
    return AttackResults(
      sampleShape: samples.shape, rows: rows, chain: chain, contradictions: contradictions,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private var namedAttacks: [(name: String, attack: any Attack)] {
    var counts: [String: Int] = [:]
    return spec.attacks.map { entry in
      counts[entry.kind, default: 0] += 1
      let number = counts[entry.kind] ?? 1
      return (number == 1 ? entry.kind : "\(entry.kind)_\(number)", entry.value)
    }
  }

  private func examples(of attack: any Attack) throws -> [SampleSetAttack.Example] {
    let search = try SampleSetAttack(
      attack, model: compilation.model, weights: weights, box: spec.box.box, samples: samples,
      seed: compilation.seed, backend: backend, progress: progress)
    var found: [SampleSetAttack.Example] = []
    let right = certificates.filter(\.isCorrect).map(\.index)
    try search.run(right, radii: spec.radii.map(\.nearest)) { found.append($0) }
    return found
  }

  private func row(
    _ name: String, _ radius: ExactNumber, _ found: [SampleSetAttack.Example]
  ) -> AttackResults.Row {
    let fallen = found.count { $0.distance <= radius.lower }
    let right = certificates.count { $0.isCorrect }
    return AttackResults.Row(
      name: name, radius: radius.text, value: radius.nearest, count: right - fallen,
      accuracy: Double(right - fallen) / Double(max(1, certificates.count)))
  }

  private func tightness(
    _ nearest: [Int: SampleSetAttack.Example]
  ) throws -> (chain: TightnessChain, contradictions: [Contradiction]) {
    let search = try SlopeSearch(
      model: compilation.model, weights: weights, box: spec.box.box, samples: samples,
      seed: compilation.seed, backend: backend, progress: progress)
    progress.begin("tightness")
    let examples = nearest.values.sorted { $0.index < $1.index }
    let balls = examples.map {
      SlopeSearch.Ball(index: $0.index, radius: $0.distance, end: $0.point)
    }
    var builder = ChainBuilder()
    var contradictions: [Contradiction] = []
    try search.run(balls, count: spec.lipschitzSamples) { steepest in
      let label = certificates[steepest.index].label
      let bound = bounds.bound(label, steepest.other).value
      var slope = steepest.slope
      if slope.value > bound {
        let proof = SlopeProof(exact: exact, shape: samples.shape).contradiction(
          steepest, label: label, bound: bound, source: "tightness")
        // What exact arithmetic does not confirm is rounding.
        if let proof { contradictions.append(proof) } else { slope.value = bound }
      }
      builder.add(slope, index: steepest.index, label: label, other: steepest.other)
    }
    let rows = exact.rows(try examples.map { Array(try samples[$0.index]) })
    let points = zip(examples, rows).map { example, row in
      builder.point(certificates[example.index], logits: row, attack: example.distance)
    }
    return (TightnessChain(points: points), contradictions)
  }
}
