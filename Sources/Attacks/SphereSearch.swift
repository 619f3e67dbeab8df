import Execution
import Files
import ModelIR
import Synchronization
import TensorGraph

/// Random perturbations on spheres around samples, on all cores.
///
/// All samples share the directions of a round, so that drawing them costs next to nothing. Which they are
/// depends on the seed and the round alone.
struct SphereSearch: Sendable {
  let model: Model
  let weights: Weights
  let samples: SampleSet
  let seed: UInt64
  /// An engine of one thread.
  let backend: any Backend
  let workers: Int

  /// A sphere around a sample.
  struct Sphere: Sendable {
    let index: Int
    let radius: Double
  }

  /// A point on a sphere that the engine puts into another class than the label.
  struct Fallen: Sendable {
    let index: Int
    let point: [Float]
  }

  /// Directions of a round: the activations of so many points stay in the cache.
  private static let batch = 64
  /// Spheres that a worker takes at a time.
  private static let chunk = 64
  /// After so many points nothing more needs to be tried.
  private static let enough = 100

  /// Tries at least `count` directions in all, as many on each sphere.
  func run(
    _ spheres: [Sphere], count: Int, progress: any SearchObserver
  ) throws -> (tried: Int, fallen: [Fallen]) {
    guard !spheres.isEmpty, count > 0 else { return (0, []) }
    let chunks = (spheres.count + Self.chunk - 1) / Self.chunk
    let rounds = (count + Self.batch * spheres.count - 1) / (Self.batch * spheres.count)
    let found = Atomic(0)
    progress.expect(rounds * spheres.count * Self.batch)
    let results = try Workers.map(units: rounds * chunks, workers: workers) {
      try SphereWorker(self, batch: Self.batch)
    } _: { worker, unit -> (tried: Int, fallen: [Fallen]) in
      guard found.load(ordering: .relaxed) < Self.enough else { return (0, []) }
      let first = unit % chunks * Self.chunk
      let chunk = spheres[first..<min(first + Self.chunk, spheres.count)]
      let fallen = try worker.fallen(on: chunk, round: unit / chunks)
      found.wrappingAdd(fallen.count, ordering: .relaxed)
      progress.advance(by: chunk.count * Self.batch)
      return (chunk.count * Self.batch, fallen)
    }
    return (results.reduce(0) { $0 + $1.tried }, results.flatMap(\.fallen))
  }
}

/// One core's part of the search.
private final class SphereWorker {
  private let search: SphereSearch
  private let batch: Int
  private let executable: any Executable
  private let stream: UInt64
  private var round = -1

  init(_ search: SphereSearch, batch: Int) throws {
    self.search = search
    self.batch = batch
    stream = CounterRandom.stream(seed: search.seed, "sphere")
    executable = try search.backend.compile(
      SphereStep(model: search.model, batch: batch).graph)
    executable.load(search.weights, named: search.model.parameters.map(\.name))
  }

  func fallen(
    on spheres: ArraySlice<SphereSearch.Sphere>, round: Int
  ) throws -> [SphereSearch.Fallen] {
    if round != self.round { draw(round) }
    self.round = round
    var fallen: [SphereSearch.Fallen] = []
    for sphere in spheres {
      try executable.write(
        search.samples, CollectionOfOne(sphere.index), to: SphereStep.Name.images)
      executable.withInput(SphereStep.Name.labels) {
        search.samples.copyLabels(CollectionOfOne(sphere.index), to: $0)
      }
      executable.withInput(SphereStep.Name.radii) { $0[0] = Float(sphere.radius) }
      try executable.execute()
      fallen += points(of: sphere)
    }
    return fallen
  }

  private func points(of sphere: SphereSearch.Sphere) -> [SphereSearch.Fallen] {
    let slots = executable.withOutput(SphereStep.Name.isAdversarial) { flags in
      flags.indices.filter { flags[$0] != 0 }
    }
    guard !slots.isEmpty else { return [] }
    let size = search.samples.sampleCount
    return executable.withOutput(SphereStep.Name.point) { points in
      slots.map {
        .init(index: sphere.index, point: Array(points[$0 * size..<($0 + 1) * size]))
      }
    }
  }

  private func draw(_ round: Int) {
    let size = search.samples.sampleCount
    executable.withInput(SphereStep.Name.directions) { buffer in
      for slot in 0..<batch {
        RandomDirection.fill(
          UnsafeMutableBufferPointer(rebasing: buffer[slot * size..<(slot + 1) * size]),
          stream: stream, counter: UInt64(round * batch + slot))
      }
    }
  }
}

/// Unit vectors as functions of a stream and a counter: points of a cube, normalised.
enum RandomDirection {
  /// Writes the direction.
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
