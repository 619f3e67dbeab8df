import Files
import MatrixProducts
import ModelIR
import TensorGraph
import Testing

@testable import Certification

/// Nearest neighbors and ceilings against their definitions.
struct DataGeometryTests {
  static func samples(_ rows: [[Float]], _ labels: [Int]) throws -> SampleSet {
    let data = LabeledData(shape: [rows[0].count], values: rows.flatMap { $0 }, labels: labels)
    return try SampleSet(data, scale: 1, classes: 3)
  }

  static func drawn(_ count: Int, _ width: Int, seed: UInt64) throws -> (
    rows: [[Double]], labels: [Int], set: SampleSet
  ) {
    let stream = CounterRandom.stream(seed: seed, "geometry")
    let rows = (0..<count).map { i in
      (0..<width).map { j in
        Float(CounterRandom.uniform(stream: stream, counter: UInt64(i), index: UInt64(j)))
      }
    }
    let labels = (0..<count).map { i in
      Int(CounterRandom.bits(stream: stream, counter: UInt64(i), index: 99) % 3)
    }
    return (rows.map { $0.map(Double.init) }, labels, try samples(rows, labels))
  }

  static func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  @Test(arguments: [(7, 40, 2), (30, 600, 9)])
  func pointsAreTheirDefinitions(count: Int, trained: Int, width: Int) throws {
    let test = try Self.drawn(count, width, seed: 1)
    let training = try Self.drawn(trained, width, seed: 2)
    let geometry = try DataGeometry(
      test.set, range: 0..<count, training: training.set, workers: Workers(2))
    #expect(geometry.points.count == count && geometry.trainingCount == trained)
    for (i, point) in geometry.points.enumerated() {
      let x = test.rows[i]
      let nearest = (0..<trained).min {
        Self.distance(x, training.rows[$0]) < Self.distance(x, training.rows[$1])
      }!
      let y = training.rows[nearest]
      // The distance to the plane of points as near to y as to z.
      let planes = (0..<trained).filter { training.labels[$0] != training.labels[nearest] }
        .map { index -> Double in
          let z = training.rows[index]
          let middle = zip(y, z).map { ($0 + $1) / 2 }
          let along = zip(zip(x, middle), zip(z, y)).reduce(0.0) {
            $0 + ($1.0.0 - $1.0.1) * ($1.1.0 - $1.1.1)
          }
          return -along / Self.distance(y, z)
        }
      let isCorrect = training.labels[nearest] == test.labels[i]
      #expect(point.isNeighborCorrect == isCorrect)
      #expect(abs(point.neighborRadius - (isCorrect ? planes.min()! : 0)) <= 1e-9)
      let others =
        zip(training.rows, training.labels).filter { $0.1 != test.labels[i] }
        + zip(test.rows, test.labels).filter { $0.1 != test.labels[i] }
      let ceiling = others.map { Self.distance(x, $0.0) }.min()! / 2
      #expect(abs(point.ceiling - ceiling) <= 1e-9)
    }
  }

  /// Inside the certified ball the nearest training sample keeps its class.
  @Test func noInputInsideTheBallHasANeighborOfAnotherClass() throws {
    let test = try Self.drawn(20, 2, seed: 3)
    let training = try Self.drawn(50, 2, seed: 4)
    let geometry = try DataGeometry(
      test.set, range: 0..<20, training: training.set, workers: .single)
    for (i, point) in geometry.points.enumerated() where point.neighborRadius > 0 {
      for direction in [[0.6, 0.8], [-1, 0], [0.28, -0.96], [0, 1], [-0.8, -0.6]] {
        let moved = zip(test.rows[i], direction).map { $0 + 0.999 * point.neighborRadius * $1 }
        let nearest = (0..<50).min {
          Self.distance(moved, training.rows[$0]) < Self.distance(moved, training.rows[$1])
        }!
        #expect(training.labels[nearest] == test.labels[i])
      }
    }
  }

  @Test func samplesOfTwoClassesAtOnePlaceCertifyNothing() throws {
    let training = try Self.samples([[0, 0], [0, 0], [5, 5]], [1, 2, 2])
    let test = try Self.samples([[0, 0], [1, 0]], [1, 1])
    let geometry = try DataGeometry(test, range: 0..<2, training: training, workers: .single)
    #expect(geometry.points.map(\.neighborRadius) == [0, 0])
    #expect(geometry.points.map(\.ceiling) == [0, 0.5])
  }

  @Test func oneClassHasNoCeiling() throws {
    let training = try Self.samples([[0, 0], [1, 0]], [1, 1])
    let test = try Self.samples([[0, 0.5]], [1])
    let geometry = try DataGeometry(test, range: 0..<1, training: training, workers: .single)
    #expect(geometry.points[0].ceiling == .infinity)
    #expect(geometry.points[0].neighborRadius == .infinity)
  }
}
