import Catalog
import Compiler
import Diagnostics
import Enclosure
import Execution
import ModelIR
import TensorGraph

/// Looks for points that disprove the claims of a run folder.
///
/// Nothing is confined to a box: certificates speak of all of ℝⁿ.
struct Auditor {
  let compilation: Compilation
  let backend: any Backend
  let samples: SampleSet
  let weights: [String: HostTensor]
  let claims: CertificateClaims
  private let check: ClassCheck
  private let exact: ExactLogits
  /// The points with a radius above 0.
  let certified: [Int]

  /// Random perturbations have this share of the radius.
  static let sphereShare = 0.999
  /// Gradients of each logit difference of a point.
  static let slopes = 20
  /// Points whose pairs are compared.
  static let pairedPoints = 300

  init(
    _ compilation: Compilation, backend: any Backend, samples: SampleSet,
    weights: [String: HostTensor], claims: CertificateClaims
  ) throws {
    self.compilation = compilation
    self.backend = backend
    self.samples = samples
    self.weights = weights
    self.claims = claims
    check = try ClassCheck(
      model: compilation.model, weights: weights, samples: samples, backend: backend)
    exact = ExactLogits(model: compilation.model, weights: weights)
    certified = claims.radii.indices.filter { claims.radii[$0] > 0 }
  }

  /// Tries everything; throws ``Failure``.
  func report(perturbations: Int) throws -> AuditReport {
    var phases: [AuditReport.Phase] = []
    var contradictions: [Contradiction] = []
    func run(_ name: String, _ body: () throws -> (tried: Int, found: [Contradiction])) rethrows {
      let start = MonotonicClock.seconds
      let (tried, found) = try body()
      contradictions += found
      phases.append(
        AuditReport.Phase(
          name: name, tried: tried, contradictions: found.count,
          seconds: MonotonicClock.seconds - start))
    }
    var nearest: [Int: [Float]] = [:]
    for entry in attacks {
      try run("attack \(entry.kind)") { try attack(entry, &nearest) }
    }
    try run("floats at the radius") { try boundary(nearest) }
    try run("random directions") { try sphere(count: perturbations) }
    try run("slopes") { try slopes(nearest) }
    try run("pairs of points") { try pairs() }
    return AuditReport(
      name: compilation.spec.name, points: certified.count, phases: phases,
      contradictions: contradictions)
  }

  /// The spec's attacks, or one of each kind that searches.
  private var attacks: [(kind: String, attack: any Attack)] {
    let given = compilation.spec.certify.attacks.map { ($0.kind, $0.value) }
    return given.isEmpty ? Self.standard : given
  }

  /// What a point inside a certified ball disproves.
  func contradiction(_ index: Int, _ point: [Float], source: String) throws -> Contradiction? {
    try check.contradiction(index, radius: claims.radii[index], point, source: source)
  }

  private func attack(
    _ entry: (kind: String, attack: any Attack), _ nearest: inout [Int: [Float]]
  ) throws -> (tried: Int, found: [Contradiction]) {
    let search = try AdversarialSearch(
      entry.attack, model: compilation.model, weights: weights, box: nil, samples: samples,
      seed: compilation.seed, backend: backend)
    var examples: [AdversarialSearch.Example] = []
    let radius: (Int) -> Double =
      switch entry.attack.search {
      case .ball: { claims.radii[$0] }
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

  private func slopes(_ nearest: [Int: [Float]]) throws -> (tried: Int, found: [Contradiction]) {
    let search = try SlopeSearch(
      model: compilation.model, weights: weights, box: nil, samples: samples,
      seed: compilation.seed, backend: backend)
    let bounds = NetworkBounds(compilation, weights: weights).differences
    var found: [Contradiction] = []
    let balls = certified.map {
      SlopeSearch.Ball(index: $0, radius: claims.radii[$0], end: nearest[$0])
    }
    try search.run(balls, count: Self.slopes) { steepest in
      let label = samples.labels[steepest.index]
      let bound = min(bounds.bound(label, steepest.other).value, claims.pairwise)
      guard steepest.slope.value > bound else { return }
      let proof = SlopeProof(exact: exact).contradiction(
        steepest, label: label, bound: bound, source: "slopes")
      if let proof { found.append(proof) }
    }
    return (balls.count * (samples.classes - 1) * Self.slopes, found)
  }

  /// Slopes between test points, of every difference of logits.
  private func pairs() throws -> (tried: Int, found: [Contradiction]) {
    let points = try (0..<min(samples.count, Self.pairedPoints)).map { Array(try samples[$0]) }
    let rows = exact.rows(points)
    var found: [Contradiction] = []
    var tried = 0
    for a in points.indices {
      for b in points.indices.dropFirst(a + 1) {
        let distance = PointDistance.upper(points[a], points[b])
        tried += 1
        guard let slope = rows[a].steepest(to: rows[b], over: distance), slope > claims.pairwise
        else { continue }
        found.append(
          Contradiction(
            claim: .slope, source: "pairs", index: a, label: samples.labels[a],
            original: points[a], point: points[b], claimed: claims.pairwise, found: slope))
      }
    }
    return (tried, found)
  }
}

extension Auditor {
  /// The attacks of an audit whose spec names none.
  private static var standard: [(kind: String, attack: any Attack)] {
    ["pgd", "deepfool", "carlini_wagner"].compactMap { kind in
      guard let type = Catalog.registry.attacks[kind] else { return nil }
      let file = SourceFile(path: kind, text: "")
      var reader = ConfigReader(
        kind: kind, span: Span(file, 0, 0), value: nil, mainKey: type.mainKey)
      return type.init(from: &reader).map { (kind, $0) }
    }
  }
}

extension ExactLogits.Row {
  /// A lower bound on the largest rate at which a difference of logits changes; nil for one point.
  fileprivate func steepest(to other: Self, over distance: Double) -> Double? {
    var largest: Double?
    for i in lower.indices {
      for j in lower.indices.dropFirst(i + 1) {
        guard let slope = SlopeProof.slope(self, other, i, j, over: distance) else { continue }
        largest = max(largest ?? 0, slope)
      }
    }
    return largest
  }
}
