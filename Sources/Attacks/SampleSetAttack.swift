import Execution
import Files
import ModelIR

/// One attack over a sample set: the nearest adversarial example that it finds of each sample.
final class SampleSetAttack {
  /// An adversarial example, by the engine's own prediction.
  struct Example {
    let index: Int
    let point: [Float]
    /// Not below the point's distance from its sample.
    let distance: Double
  }

  private let attack: any Attack
  private let attacker: BatchAttack
  private let bisection: any Executable
  private let context: SearchContext
  private let batch: Int

  /// Each halves what is left of the way from the sample to the boundary.
  private static let bisections = 12
  /// The most samples attacked at once.
  private static let batch = 100

  /// Compiles the attack; throws ``Failure`` if the engine cannot run it.
  init(_ attack: any Attack, _ context: SearchContext) throws {
    self.attack = attack
    self.context = context
    let (model, box, backend) = (context.model, context.box, context.engines.parallel)
    batch = min(Self.batch, context.samples.count)
    attacker = try BatchAttack(
      attack, model: model, box: box, batch: batch, seed: context.seed, backend: backend)
    attacker.load(context.weights)
    bisection = try backend.compile(BoundaryBisection(model: model, box: box, batch: batch).graph)
    bisection.load(context.weights, named: context.parameters)
  }

  private var samples: SampleSet { context.samples }

  /// Attacks samples; `body` receives every example, at most one a sample.
  ///
  /// An attack within a ball tries the radii in ascending order, each on the samples without an example yet.
  ///
  /// - Parameters:
  ///   - indices: the samples.
  ///   - radii: the radii of attacks within a ball; others ignore them.
  func run(_ indices: [Int], radii: [Double], _ body: (Example) -> Void) throws {
    switch attack.search {
    case .ball:
      var remaining = indices
      for radius in radii.sorted() {
        var found: Set<Int> = []
        try run(remaining, radii: { _ in radius }) { example in
          found.insert(example.index)
          body(example)
        }
        remaining.removeAll { found.contains($0) }
      }
    case .crossing, .nearest:
      try run(indices, radii: { _ in Double(AttackStep.unreached) }, body)
    }
  }

  /// Attacks samples, each within a radius of its own.
  func run(
    _ indices: [Int], radii: (Int) -> Double, _ body: (Example) -> Void
  ) throws {
    context.observer.expect(indices.count)
    for start in stride(from: 0, to: indices.count, by: batch) {
      let chunk = Array(indices[start..<min(start + batch, indices.count)])
      var found: [(index: Int, point: [Float])] = []
      try attacker.search(samples, chunk, radii: chunk.map(radii)) { slot, point in
        found.append((chunk[slot], Array(point)))
      }
      for (index, point) in try bisected(found) {
        let distance = PointDistance.upper(point, try samples[index])
        body(Example(index: index, point: point, distance: distance))
      }
      context.observer.advance(by: chunk.count)
    }
  }

  /// Bisects between samples and adversarial points of them.
  private func bisected(
    _ found: [(index: Int, point: [Float])]
  ) throws -> [(index: Int, point: [Float])] {
    guard let first = found.first else { return [] }
    let filled = found + Array(repeating: first, count: batch - found.count)
    try bisection.write(samples, filled.map(\.index), to: BoundaryBisection.Name.images)
    bisection.withInput(BoundaryBisection.Name.labels) {
      samples.copyLabels(filled.map(\.index), to: $0)
    }
    let size = samples.sampleCount
    for name in [BoundaryBisection.Name.far, BoundaryBisection.Name.nearest] {
      bisection.withInput(name) { buffer in
        for (slot, item) in filled.enumerated() {
          let target = buffer[slot * size..<(slot + 1) * size]
          _ = UnsafeMutableBufferPointer(rebasing: target).update(fromContentsOf: item.point)
        }
      }
    }
    bisection.withInput(BoundaryBisection.Name.low) { $0.update(repeating: 0) }
    bisection.withInput(BoundaryBisection.Name.high) { $0.update(repeating: 1) }
    for _ in 0..<Self.bisections { try bisection.execute() }
    return bisection.withCurrentInput(BoundaryBisection.Name.nearest) { points in
      found.indices.map { slot in
        (found[slot].index, Array(points[slot * size..<(slot + 1) * size]))
      }
    }
  }
}
