import Execution
import Files
import ModelIR

/// An estimate of a Lipschitz constant from below, by sampled gradients in float32: never a bound.
struct SlopeEstimate: Sendable, Hashable {
  /// The largest norm of a sampled gradient.
  var value: Double

  /// The larger of two.
  static func larger(_ a: Self, _ b: Self) -> Self { a.value < b.value ? b : a }
}

/// Searches balls around samples for the points where differences of logits are steepest.
final class SlopeSearch {
  /// A sample with its ball.
  struct Ball {
    let index: Int
    let radius: Double
    /// A point of the ball; slopes are taken on the segment to it first, if it is given.
    let end: [Float]?
  }

  /// The steepest point found of one difference of logits in one ball.
  struct Steepest {
    let index: Int
    /// The other class.
    let other: Int
    let slope: SlopeEstimate
    let point: [Float]
    /// The unit gradient there.
    let direction: [Float]
  }

  private let executable: any Executable
  private let samples: SampleSet
  private let observer: any SearchObserver
  private let batch: Int
  private var counter = 0

  private static let batch = 100
  /// Points on the segment from the center to the end, after the center.
  private static let pathPoints = 4

  /// Compiles the search; throws ``Failure`` if the engine cannot run it.
  init(_ context: SearchContext) throws {
    samples = context.samples
    observer = context.observer
    batch = min(Self.batch, samples.count)
    executable = try context.engines.parallel.compile(
      SlopeStep(model: context.model, box: context.box, batch: batch, seed: context.seed).graph)
    executable.load(context.weights, named: context.parameters)
  }

  /// Takes `count` gradients of each F_i − F_t.
  ///
  /// The first are taken at the center and on the segment to the end, the others by ascent or at random.
  /// `body` receives the steepest of each ball and class i other than the label t.
  func run(_ balls: [Ball], count: Int, _ body: (Steepest) -> Void) throws {
    observer.expect(balls.count * (samples.classes - 1))
    for start in stride(from: 0, to: balls.count, by: batch) {
      let chunk = Array(balls[start..<min(start + batch, balls.count)])
      let filled = chunk + Array(repeating: chunk[0], count: batch - chunk.count)
      try executable.write(samples, filled.map(\.index), to: SlopeStep.Name.images)
      executable.withInput(SlopeStep.Name.radii) { buffer in
        for (slot, ball) in filled.enumerated() { buffer[slot] = Float(ball.radius) }
      }
      for offset in 1..<samples.classes {
        try ascend(filled, offset: offset, count: count)
        for (slot, ball) in chunk.enumerated() {
          body(steepest(slot, ball, other: other(ball, offset)))
        }
        observer.advance(by: chunk.count)
      }
    }
  }

  private func other(_ ball: Ball, _ offset: Int) -> Int {
    (samples.labels[ball.index] + offset) % samples.classes
  }

  private func ascend(_ balls: [Ball], offset: Int, count: Int) throws {
    executable.withInput(SlopeStep.Name.factors) { buffer in
      buffer.update(repeating: 0)
      for (slot, ball) in balls.enumerated() {
        buffer[slot * samples.classes + samples.labels[ball.index]] = -1
        buffer[slot * samples.classes + other(ball, offset)] = 1
      }
    }
    executable.withInput(SlopeStep.Name.slope) { $0.update(repeating: -1) }
    for sample in 0..<count {
      if sample <= Self.pathPoints {
        write(balls, at: Float(sample) / Float(Self.pathPoints))
      }
      executable.withInput(SlopeStep.Name.share) { $0[0] = sample % 2 == 0 ? 1 : 0.5 }
      executable.withInput(SlopeStep.Name.counter) { $0[0] = Float(counter % (1 << 24)) }
      counter += 1
      try executable.execute()
    }
  }

  /// Sets the points to center + share · (end − center).
  private func write(_ balls: [Ball], at share: Float) {
    let size = samples.sampleCount
    executable.withCurrentInput(SlopeStep.Name.images) { centers in
      executable.withInput(SlopeStep.Name.point) { points in
        for (slot, ball) in balls.enumerated() {
          for element in 0..<size {
            let center = centers[slot * size + element]
            let end = ball.end?[element] ?? center
            points[slot * size + element] = center + share * (end - center)
          }
        }
      }
    }
  }

  private func steepest(_ slot: Int, _ ball: Ball, other: Int) -> Steepest {
    let size = samples.sampleCount
    func part(_ name: String) -> [Float] {
      executable.withCurrentInput(name) { Array($0[slot * size..<(slot + 1) * size]) }
    }
    let slope = executable.withCurrentInput(SlopeStep.Name.slope) { Double($0[slot]) }
    return Steepest(
      index: ball.index, other: other, slope: SlopeEstimate(value: max(0, slope)),
      point: part(SlopeStep.Name.steepest), direction: part(SlopeStep.Name.direction))
  }
}
