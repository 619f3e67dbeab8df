import Execution
import Files
import ModelIR
import Synchronization
import TensorGraph

/// Random perturbations on spheres around samples, on all cores.
///
/// All samples share the directions of a round, so that drawing them costs next to nothing. The directions
/// depend on the seed and the round alone.
struct SphereSearch: Sendable {
  private let context: SearchContext

  init(_ context: SearchContext) { self.context = context }

  /// A sphere around a sample.
  struct Sphere: Sendable {
    let index: Int
    let radius: Double
  }

  /// A point on a sphere where the label's logit is not strictly the largest.
  struct Misclassified: Sendable {
    let index: Int
    let point: [Float]
  }

  /// Directions of a round: the activations of so many points stay in the cache.
  private static let batch = 64
  /// Spheres of one unit of work.
  private static let chunk = 64
  /// The search stops once it has found this many points.
  private static let enough = 100

  /// Tries at least `count` directions in all, as many on each sphere.
  func run(_ spheres: [Sphere], count: Int) throws -> (tried: Int, found: [Misclassified]) {
    guard !spheres.isEmpty, count > 0 else { return (0, []) }
    let chunks = (spheres.count + Self.chunk - 1) / Self.chunk
    let rounds = (count + Self.batch * spheres.count - 1) / (Self.batch * spheres.count)
    let total = Atomic(0)
    context.observer.expect(rounds * spheres.count * Self.batch)
    let results = try context.engines.workers.map(rounds * chunks) {
      try SphereWorker(context, batch: Self.batch)
    } _: { worker, unit -> (tried: Int, found: [Misclassified]) in
      guard total.load(ordering: .relaxed) < Self.enough else { return (0, []) }
      let first = unit % chunks * Self.chunk
      let chunk = spheres[first..<min(first + Self.chunk, spheres.count)]
      let found = try worker.misclassified(on: chunk, round: unit / chunks)
      total.wrappingAdd(found.count, ordering: .relaxed)
      context.observer.advance(by: chunk.count * Self.batch)
      return (chunk.count * Self.batch, found)
    }
    return (results.reduce(0) { $0 + $1.tried }, results.flatMap(\.found))
  }
}

/// What one worker needs for all its units.
private final class SphereWorker {
  private let samples: SampleSet
  private let batch: Int
  private let executable: any Executable
  private let stream: UInt64
  private var round = -1

  init(_ context: SearchContext, batch: Int) throws {
    samples = context.samples
    self.batch = batch
    stream = CounterRandom.stream(seed: context.seed, "sphere")
    executable = try context.engines.serial.compile(
      SphereStep(model: context.model, batch: batch).graph)
    executable.load(context.weights, named: context.parameters)
  }

  func misclassified(
    on spheres: ArraySlice<SphereSearch.Sphere>, round: Int
  ) throws -> [SphereSearch.Misclassified] {
    if round != self.round { draw(round) }
    self.round = round
    var found: [SphereSearch.Misclassified] = []
    for sphere in spheres {
      try executable.write(samples, CollectionOfOne(sphere.index), to: SphereStep.Name.images)
      executable.withInput(SphereStep.Name.labels) {
        samples.copyLabels(CollectionOfOne(sphere.index), to: $0)
      }
      executable.withInput(SphereStep.Name.radii) { $0[0] = Float(sphere.radius) }
      try executable.execute()
      found += points(of: sphere)
    }
    return found
  }

  private func points(of sphere: SphereSearch.Sphere) -> [SphereSearch.Misclassified] {
    let slots = executable.withOutput(SphereStep.Name.isAdversarial) { flags in
      flags.indices.filter { flags[$0] != 0 }
    }
    guard !slots.isEmpty else { return [] }
    let size = samples.sampleCount
    return executable.withOutput(SphereStep.Name.point) { points in
      slots.map {
        .init(index: sphere.index, point: Array(points[$0 * size..<($0 + 1) * size]))
      }
    }
  }

  private func draw(_ round: Int) {
    let size = samples.sampleCount
    executable.withInput(SphereStep.Name.directions) { buffer in
      for slot in 0..<batch {
        RandomDirection.fill(
          UnsafeMutableBufferPointer(rebasing: buffer[slot * size..<(slot + 1) * size]),
          stream: stream, counter: UInt64(round * batch + slot))
      }
    }
  }
}

/// Unit vectors as functions of a stream and a counter: points of a cube, normalized.
enum RandomDirection {
  static func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, stream: UInt64, counter: UInt64
  ) {
    var square = 0.0
    for index in buffer.indices {
      // Never 0: an odd multiple of 2⁻²⁵.
      let number =
        CounterRandom.uniform(stream: stream, counter: counter, index: UInt64(index)) - 0.5
        + 0x1p-25
      square += number * number
      buffer[index] = Float(number)
    }
    let factor = Float(1 / square.squareRoot())
    for index in buffer.indices { buffer[index] *= factor }
  }
}
