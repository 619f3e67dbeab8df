import Catalog
import Compiler
import Diagnostics
import Enclosure
import Execution
import Files
import ModelIR

/// Looks for points that disprove the claims of a run folder.
///
/// Nothing is confined to a box: certificates speak of all of ℝⁿ.
public struct Auditor {
  let compilation: Compilation
  let engines: AuditEngines
  /// The test points with the labels that are claimed.
  let samples: SampleSet
  let weights: Weights
  let claims: CertificateClaims
  let check: ClassCheck
  let exact: ExactLogits
  let progress: any SearchObserver
  /// The points with a radius above 0.
  let certified: [Int]
  private let labels: [Int]

  /// Random perturbations have this share of the radius.
  static let sphereShare = 0.999
  /// Gradients of each logit difference of a point.
  static let slopes = 20
  /// Points whose pairs are compared.
  static let pairedPoints = 300

  /// An auditor of claims about samples, as many as there are points; throws ``Failure``.
  public init(
    _ compilation: Compilation, engines: AuditEngines, samples: SampleSet,
    weights: Weights, claims: CertificateClaims, progress: any SearchObserver
  ) throws {
    self.compilation = compilation
    self.engines = engines
    self.samples = samples.relabelled(claims.points.map(\.label))
    self.weights = weights
    self.claims = claims
    self.progress = progress
    labels = samples.labels
    check = try ClassCheck(
      model: compilation.model, weights: weights, samples: self.samples, backend: engines.team)
    exact = ExactLogits(model: compilation.model, weights: weights)
    certified = claims.points.indices.filter { claims.points[$0].radius > 0 }
  }

  /// What a phase tried, and what it disproved.
  typealias Trial = (tried: Int, found: [Contradiction])

  /// Tries everything; throws ``Failure``.
  public func report(perturbations: Int) throws -> AuditReport {
    var phases: [AuditReport.Phase] = []
    var contradictions: [Contradiction] = []
    func run(_ name: String, _ body: () throws -> Trial) rethrows {
      progress.begin(name)
      let start = ContinuousClock.now
      let (tried, found) = try body()
      contradictions += found
      phases.append(
        AuditReport.Phase(
          name: name, tried: tried, contradictions: found.count,
          seconds: (ContinuousClock.now - start) / .seconds(1)))
    }
    defer { progress.finish() }
    var nearest: [Int: [Float]] = [:]
    var constants: [AuditReport.Constant] = []
    try run("test points") { try points(labels: labels) }
    for entry in attacks {
      try run("attack \(entry.kind)") { try attack(entry, &nearest) }
    }
    try run("floats at the radius") { try boundary(nearest) }
    try run("random directions") { try sphere(count: perturbations) }
    try run("slopes") { try slopes(nearest) }
    try run("pairs of points") { try pairs() }
    try run("layers") { try stretch(layerClaims, &constants) }
    try run("differences of logits") { try stretch(pairClaims, &constants) }
    return AuditReport(
      name: compilation.spec.name, points: certified.count, phases: phases, constants: constants,
      contradictions: contradictions)
  }

  /// The spec's attacks, or one of each kind that searches.
  ///
  /// One that leaves the ball is always among them: it gives the worst directions.
  private var attacks: [(kind: String, attack: any Attack)] {
    let given = compilation.spec.certify.attacks.map { ($0.kind, $0.value) }
    if given.isEmpty { return Self.standard }
    let leaves = given.contains { $0.1.search != .ball }
    return leaves ? given : given + Self.standard.filter { $0.kind == "deepfool" }
  }

  /// What a point inside a certified ball disproves.
  func contradiction(_ index: Int, _ point: [Float], source: String) throws -> Contradiction? {
    try check.contradiction(index, radius: claims.points[index].radius, point, source: source)
  }

  private func attack(
    _ entry: (kind: String, attack: any Attack), _ nearest: inout [Int: [Float]]
  ) throws -> Trial {
    let search = try SampleSetAttack(
      entry.attack, model: compilation.model, weights: weights, box: nil, samples: samples,
      seed: compilation.seed, backend: engines.team, progress: progress)
    var examples: [SampleSetAttack.Example] = []
    let radius: (Int) -> Double =
      switch entry.attack.search {
      case .ball: { claims.points[$0].radius }
      case .crossing, .nearest: { _ in Double(AttackStep.unreached) }
      }
    try search.run(certified, radii: radius) { examples.append($0) }
    var found: [Contradiction] = []
    for example in examples {
      let isNearer = try nearest[example.index].map {
        example.distance < PointDistance.upper($0, try samples[example.index])
      }
      if isNearer ?? true { nearest[example.index] = example.point }
      if let proof = try contradiction(example.index, example.point, source: entry.kind) {
        found.append(proof)
      }
    }
    return (certified.count, found)
  }
}

extension Auditor {
  /// The attacks of an audit whose spec names none.
  private static var standard: [(kind: String, attack: any Attack)] {
    ["pgd", "deepfool", "carlini_wagner"].compactMap { kind in
      var diagnostics: [Diagnostic] = []
      return Catalog.attacks.first { $0.kind == kind }?.read("", &diagnostics).map { (kind, $0) }
    }
  }
}
