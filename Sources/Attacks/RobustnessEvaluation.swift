import Certification
import Files
import ModelIR
import SpecSyntax

/// Runs the spec's attacks against certificates and measures how tight they are.
public struct RobustnessEvaluation {
  private let spec: CertifySpec
  private let context: SearchContext
  private let certificates: [PointCertificate]
  private let bounds: DifferenceBounds
  private let exact: ExactLogits

  /// An evaluation against certificates in the order of the context's samples.
  public init(
    _ spec: CertifySpec, _ context: SearchContext, certificates: [PointCertificate],
    bounds: DifferenceBounds
  ) {
    self.spec = spec
    self.context = context
    self.certificates = certificates
    self.bounds = bounds
    exact = ExactLogits(context)
  }

  private var samples: SampleSet { context.samples }

  /// Runs everything; throws ``Failure``.
  public func result() throws -> AttackResults {
    let start = ContinuousClock.now
    let check = try ClassCheck(context, exact: exact)
    var nearest: [Int: SampleSetAttack.Example] = [:]
    var rows: [AttackResults.Row] = []
    var contradictions: [Contradiction] = []
    defer { context.observer.finish() }
    for (name, attack) in namedAttacks {
      context.observer.begin("attack \(name)")
      var found = try examples(of: attack)
      let inside = found.filter { $0.distance < certificates[$0.index].radius.value }
      let proofs = try inside.map {
        try check.contradiction(
          $0.index, radius: certificates[$0.index].radius.value, $0.point, source: name)
      }
      contradictions += proofs.compactMap { $0 }
      // What neither the engine alone nor exact arithmetic confirms is the rounding of the attack's graph.
      let artifacts = Set(zip(inside, proofs).filter { $0.1 == nil }.map(\.0.index))
      found.removeAll { artifacts.contains($0.index) }
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
      sampleShape: samples.shape,
      nearest: nearest.values.sorted { $0.index < $1.index }.map {
        .init(index: $0.index, distance: $0.distance, point: $0.point)
      }, rows: rows, chain: chain, contradictions: contradictions,
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
    let search = try SampleSetAttack(attack, context)
    var found: [SampleSetAttack.Example] = []
    let right = certificates.filter(\.isCorrect).map(\.index)
    try search.run(right, radii: spec.radii.map(\.nearest)) { found.append($0) }
    return found
  }

  private func row(
    _ name: String, _ radius: ExactNumber, _ found: [SampleSetAttack.Example]
  ) -> AttackResults.Row {
    let misclassified = found.count { $0.distance <= radius.lower }
    let right = certificates.count { $0.isCorrect }
    return AttackResults.Row(
      name: name, radius: radius.text, value: radius.nearest, count: right - misclassified,
      accuracy: Double(right - misclassified) / Double(max(1, certificates.count)))
  }

  private func tightness(
    _ nearest: [Int: SampleSetAttack.Example]
  ) throws -> (chain: TightnessChain, contradictions: [Contradiction]) {
    let search = try SlopeSearch(context)
    context.observer.begin("tightness")
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
