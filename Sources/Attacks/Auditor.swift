import Catalog
import Certification
import Compiler
import Diagnostics
import Enclosure
import Execution
import Files
import ModelIR
import TensorGraph

/// Searches for points that disprove the claims of a run folder.
///
/// Nothing is confined to a box: certificates hold in all of ℝⁿ.
public struct Auditor {
  private let name: String
  private let spec: CertifySpec
  private let context: SearchContext
  private let claims: CertificateClaims
  private let exact: ExactLogits
  private let check: ClassCheck
  /// The labels of the data, which may differ from those claimed.
  private let labels: [Int]
  /// The points with a radius above 0.
  private let certified: [Int]

  /// Random perturbations have this share of the radius.
  private static let sphereShare = 0.999
  /// Gradients of each difference of logits of a point.
  private static let slopes = 20
  /// Points that are compared with each other.
  private static let pairedPoints = 300
  /// Roundings of a point at the radius that are tried.
  private static let roundings = 8

  /// An auditor of claims about the samples of a context, one claim for each; throws ``Failure``.
  public init(
    _ compilation: Compilation, _ context: SearchContext, claims: CertificateClaims
  ) throws {
    name = compilation.spec.name
    spec = compilation.spec.certify
    labels = context.samples.labels
    self.context = context.relabeled(claims.points.map(\.label))
    self.claims = claims
    exact = ExactLogits(self.context)
    check = try ClassCheck(self.context, exact: exact)
    certified = claims.points.indices.filter { claims.points[$0].radius > 0 }
  }

  private var samples: SampleSet { context.samples }
  private var observer: any SearchObserver { context.observer }

  /// What a phase tried, and what it disproved.
  private typealias Trial = (tried: Int, found: [Contradiction])

  /// Runs all searches; throws ``Failure``.
  public func report(perturbations: Int) throws -> AuditReport {
    var phases: [AuditReport.Phase] = []
    var contradictions: [Contradiction] = []
    func run(_ name: String, _ body: () throws -> Trial) rethrows {
      observer.begin(name)
      let start = ContinuousClock.now
      let (tried, found) = try body()
      contradictions += found
      phases.append(
        AuditReport.Phase(
          name: name, tried: tried, contradictions: found.count,
          seconds: (ContinuousClock.now - start) / .seconds(1)))
    }
    defer { observer.finish() }
    var nearest: [Int: [Float]] = [:]
    var constants: [AuditReport.Constant] = []
    try run("test points") { try testPoints() }
    for entry in attacks {
      try run("attack \(entry.kind)") { try attack(entry, &nearest) }
    }
    try run("floats at the radius") { try floatsAtRadius(nearest) }
    try run("random directions") { try randomDirections(count: perturbations) }
    try run("slopes") { try slopes(nearest) }
    try run("pairs of points") { try pairsOfPoints() }
    try run("layers") { try stretch(layerClaims, &constants) }
    try run("differences of logits") { try stretch(pairClaims, &constants) }
    return AuditReport(
      name: name, precision: context.precision, points: certified.count, phases: phases,
      constants: constants,
      contradictions: contradictions)
  }

  // MARK: Labels and predicted classes

  private func testPoints() throws -> Trial {
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
    try network(for: samples).forEachLogits(of: samples, context.engines.workers) { index, logits in
      let predicted = MarginTest.prediction(of: logits)
      let claim = claims.points[index]
      let isDoubtful = claim.radius > 0 && !logits.hasLargest(at: claim.label)
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

  private func network(for set: SampleSet) throws -> ExecutedNetwork {
    try context.executed(batch: min(ExecutedNetwork.batch, set.count))
  }

  // MARK: Radii

  /// The spec's attacks, or one of each kind that searches.
  ///
  /// One that is not confined to a ball is always among them: it gives the worst directions.
  private var attacks: [(kind: String, attack: any Attack)] {
    let given = spec.attacks.map { ($0.kind, $0.value) }
    if given.isEmpty { return Self.standardAttacks }
    let isConfined = given.allSatisfy { $0.1.search == .ball }
    return isConfined ? given + Self.standardAttacks.filter { $0.kind == "deepfool" } : given
  }

  /// The attacks of an audit whose spec names none.
  private static var standardAttacks: [(kind: String, attack: any Attack)] {
    ["pgd", "deepfool", "carlini_wagner"].compactMap { kind in
      var diagnostics: [Diagnostic] = []
      return Catalog.attacks.first { $0.kind == kind }?.read("", &diagnostics).map { (kind, $0) }
    }
  }

  /// Attacks the certified points; `nearest` keeps the nearest adversarial point of each.
  private func attack(
    _ entry: (kind: String, attack: any Attack), _ nearest: inout [Int: [Float]]
  ) throws -> Trial {
    let search = try SampleSetAttack(entry.attack, context)
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

  /// Neighboring floats just inside the radius, in the direction of the nearest adversarial example.
  private func floatsAtRadius(_ nearest: [Int: [Float]]) throws -> Trial {
    var candidates: [(index: Int, point: [Float])] = []
    for index in nearest.keys.sorted() {
      guard let end = nearest[index] else { continue }
      let center = Array(try samples[index])
      let length = PointDistance.upper(end, center)
      guard length > 0 else { continue }
      for rounding in 0..<Self.roundings {
        let share = claims.points[index].radius / length * (1 - Double(rounding) * 0x1p-24)
        let point = neighbor(center, end, share, rounding: rounding, index: index)
        if PointDistance.upper(point, center) < claims.points[index].radius {
          candidates.append((index, point))
        }
      }
    }
    return (candidates.count, try contradictions(candidates, source: "floats at the radius"))
  }

  /// center + share · (end − center): rounded to nearest in the first rounding, in the others each element
  /// down or up at random.
  private func neighbor(
    _ center: [Float], _ end: [Float], _ share: Double, rounding: Int, index: Int
  ) -> [Float] {
    // The stream's name decides the numbers drawn.
    let stream = CounterRandom.stream(seed: context.seed, "neighbour \(index)")
    return center.indices.map { element in
      let difference = Double(end[element]) - Double(center[element])
      let exact = Double(center[element]) + share * difference
      let rounded = Float(exact)
      guard rounding > 0, Double(rounded) != exact else { return rounded }
      let other = Double(rounded) < exact ? rounded.nextUp : rounded.nextDown
      let bits = CounterRandom.bits(
        stream: stream, counter: UInt64(rounding), index: UInt64(element))
      return bits & 1 == 0 ? rounded : other
    }
  }

  /// Random directions at ``sphereShare`` of the radius, at least `count` in all.
  private func randomDirections(count: Int) throws -> Trial {
    let spheres = certified.map {
      SphereSearch.Sphere(index: $0, radius: claims.points[$0].radius * Self.sphereShare)
    }
    let (tried, points) = try SphereSearch(context).run(spheres, count: count)
    let found = try points.compactMap {
      try contradiction($0.index, $0.point, source: "random directions")
    }
    return (tried, found)
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
    var misclassified: [Int] = []
    try network(for: set).forEachLogits(of: set, context.engines.workers) { index, logits in
      if !logits.hasLargest(at: set.labels[index]) { misclassified.append(index) }
    }
    return try misclassified.compactMap {
      try contradiction(candidates[$0].index, candidates[$0].point, source: source)
    }
  }

  private func contradiction(
    _ index: Int, _ point: [Float], source: String
  ) throws -> Contradiction? {
    try check.contradiction(index, radius: claims.points[index].radius, point, source: source)
  }

  // MARK: Constants

  /// Slopes of each label's differences by ascent in the certified balls.
  private func slopes(_ nearest: [Int: [Float]]) throws -> Trial {
    let proof = SlopeProof(exact: exact, shape: samples.shape)
    var found: [Contradiction] = []
    let balls = certified.map {
      SlopeSearch.Ball(index: $0, radius: claims.points[$0].radius, end: nearest[$0])
    }
    try SlopeSearch(context).run(balls, count: Self.slopes) { steepest in
      let label = samples.labels[steepest.index]
      let bound = claims.pair(label, steepest.other)
      guard steepest.slope.value > bound else { return }
      let shown = proof.contradiction(steepest, label: label, bound: bound, source: "slopes")
      if let shown { found.append(shown) }
    }
    return (balls.count * (samples.classes - 1) * Self.slopes, found)
  }

  /// Slopes between test points, of every difference of logits.
  private func pairsOfPoints() throws -> Trial {
    let points = try (0..<min(samples.count, Self.pairedPoints)).map { Array(try samples[$0]) }
    let rows = exact.rows(points)
    var found: [Contradiction] = []
    var tried = 0
    observer.expect(points.count)
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
      observer.advance(by: 1)
    }
    return (tried, found)
  }

  /// The finite constants of layers, alone and from the input.
  private var layerClaims: [ConstantSearch.Claim] {
    claims.layers.enumerated().flatMap { index, layer in
      let alone = ConstantSearch.Claim(
        claim: .constant(layer: layer.name), part: .layer(index), claimed: layer.constant)
      let bound = ConstantSearch.Claim(
        claim: .bound(layer: layer.name), part: .upTo(index), claimed: layer.bound)
      let hasOwn = context.model.nodes[index].operands.count == 1
      return (hasOwn ? [alone, bound] : [bound]).filter { $0.claimed < .infinity }
    }
  }

  /// The finite constants of differences of logits.
  private var pairClaims: [ConstantSearch.Claim] {
    classPairs.map {
      ConstantSearch.Claim(claim: .pair($0, $1), part: .logits, claimed: claims.pair($0, $1))
    }.filter { $0.claimed < .infinity }
  }

  private var classPairs: [(Int, Int)] {
    (0..<samples.classes).flatMap { i in (0..<i).map { (i, $0) } }
  }

  /// Searches two points for each constant between which the map changes fastest; `constants` receives the
  /// rates.
  private func stretch(
    _ tested: [ConstantSearch.Claim], _ constants: inout [AuditReport.Constant]
  ) throws -> Trial {
    let results = try ConstantSearch(context).run(tested)
    constants += results.map {
      .init(claim: $0.claim.claim, claimed: $0.claim.claimed, found: $0.rate.value)
    }
    let found = results.filter { $0.rate.value > $0.claim.claimed }.map { result in
      Contradiction(
        claim: result.claim.claim, source: "stretched pairs",
        shape: result.claim.part.inputShape(in: context.model), original: result.ends[0],
        point: result.ends[1], claimed: result.claim.claimed, found: result.rate.value)
    }
    return (tested.count, found)
  }
}
