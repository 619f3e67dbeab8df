import Diagnostics
import Files
import MatrixProducts

/// What the data alone say about test points, without a network: how far a nearest-neighbor classifier is
/// certified, and how far any classifier can be.
///
/// Distances are computed in Double, without a bound on their errors: these numbers are for comparison, and no
/// certificate depends on them.
public struct DataGeometry: Sendable {
  /// What is known about a test point.
  public struct Point: Sendable, Hashable {
    /// Whether the nearest training sample has the point's label.
    public let isNeighborCorrect: Bool
    /// The certified radius of the nearest-neighbor classifier; 0 where it is wrong.
    ///
    /// With y the nearest training sample, an input is nearer to y than to z on one side of the plane midway
    /// between them. The radius is the distance to the nearest of these planes, over all z of other classes.
    public let neighborRadius: Double
    /// Half the distance to the nearest sample of another class, among training samples and the test points.
    ///
    /// A classifier that is right at two points of different classes cannot be certified at both with radii
    /// of more than half their distance.
    public let ceiling: Double
  }

  /// The first test points.
  public let points: [Point]
  /// The number of training samples.
  public let trainingCount: Int

  /// The additions and multiplications that are spent, in pairs: a few seconds on one core.
  private static let budget = 100_000_000_000

  /// Compares as many of the first samples as cost at most 10¹¹ products, and at most 4,096.
  ///
  /// Throws `file.…` where samples cannot be read. Cost 3·d products for each pair of a test point and a training
  /// sample with d elements each.
  ///
  /// - Parameter onBlock: told from any thread of the samples that were visited and of all visits; first of none.
  public init(
    _ test: SampleSet, range: Range<Int>, training: SampleSet, workers: Workers,
    onBlock: @Sendable @escaping (_ visited: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(Failure) {
    let cost = 3 * max(1, training.count) * training.sampleCount
    let count = min(range.count, 4096, max(1, Self.budget / cost))
    let samples = range.prefix(count)
    let total = 2 * training.count + count
    onBlock(0, total)
    var search = try NeighborSearch(test, samples, workers) { onBlock($0, total) }
    try search.visit(training, isTraining: true)
    try search.visit(test.selecting(Array(samples)), isTraining: false)
    let radii = try search.neighborRadii(training)
    trainingCount = training.count
    points = search.found.indices.map { i in
      let isCorrect = search.found[i].label == search.queries.labels[i]
      return Point(
        isNeighborCorrect: isCorrect, neighborRadius: isCorrect ? radii[i] : 0,
        ceiling: search.found[i].otherSquare.squareRoot() / 2)
    }
  }
}

/// Rows of samples in Double.
private struct SampleRows: Sendable {
  let count: Int
  let labels: [Int]
  private let width: Int
  private let elements: [Double]
  private let squares: [Double]

  init(_ samples: SampleSet, _ places: some Collection<Int>) throws(Failure) {
    var batch = [Float](repeating: 0, count: places.count * samples.sampleCount)
    try batch.withUnsafeMutableBufferPointer { buffer throws(Failure) in
      try samples.copySamples(places, to: buffer)
    }
    (count, width) = (places.count, samples.sampleCount)
    elements = batch.map(Double.init)
    labels = places.map { samples.labels[$0] }
    squares = (0..<count).map { [elements, width] row in
      elements[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }
    }
  }

  /// Squared distances to other rows, row-major.
  func squaredDistances(to other: SampleRows) -> [Double] {
    var sums = [Double](repeating: 0, count: count * other.count)
    elements.withUnsafeBufferPointer { a in
      other.elements.withUnsafeBufferPointer { b in
        sums.withUnsafeMutableBufferPointer { sums in
          MatrixProduct.accumulate(
            MatrixView(a.baseAddress!, rowStride: width),
            MatrixView(b.baseAddress!, rowStride: width), rows: count, columns: other.count,
            inner: width, into: sums.baseAddress!, stride: other.count)
        }
      }
    }
    for i in 0..<count {
      for j in 0..<other.count {
        let place = i * other.count + j
        sums[place] = max(0, squares[i] + other.squares[j] - 2 * sums[place])
      }
    }
    return sums
  }
}

/// The nearest samples of test points.
private struct NeighborSearch {
  /// The nearest training sample, and the nearest sample of another class than the point's.
  struct Found: Sendable {
    var square = Double.infinity
    var place = Int.max
    var label = -1
    var otherSquare = Double.infinity
  }

  let queries: SampleRows
  private(set) var found: [Found]
  private let workers: Workers
  private let onBlock: @Sendable (Int) -> Void
  private static let block = 256

  init(
    _ test: SampleSet, _ places: Range<Int>, _ workers: Workers,
    onBlock: @Sendable @escaping (Int) -> Void
  ) throws(Failure) {
    queries = try SampleRows(test, places)
    found = Array(repeating: Found(), count: places.count)
    self.workers = workers
    self.onBlock = onBlock
  }

  /// Takes samples into account.
  mutating func visit(_ samples: SampleSet, isTraining: Bool) throws(Failure) {
    let parts = try forEachBlock(of: samples) { [queries] rows, first in
      let squares = queries.squaredDistances(to: rows)
      return (0..<queries.count).map { i in
        var found = Found()
        for j in 0..<rows.count {
          let square = squares[i * rows.count + j]
          if isTraining, square < found.square {
            found.square = square
            (found.place, found.label) = (first + j, rows.labels[j])
          }
          if rows.labels[j] != queries.labels[i], square < found.otherSquare {
            found.otherSquare = square
          }
        }
        return found
      }
    }
    for part in parts {
      for (i, new) in part.enumerated() { found[i].take(new) }
    }
  }

  /// For each point, the distance to the nearest plane between its nearest training sample and one of another
  /// class than that.
  func neighborRadii(_ training: SampleSet) throws(Failure) -> [Double] {
    let anchors = try SampleRows(training, found.map(\.place))
    let parts = try forEachBlock(of: training) { [queries, found] rows, _ in
      let (squares, apart) = (
        queries.squaredDistances(to: rows), anchors.squaredDistances(to: rows)
      )
      return (0..<queries.count).map { i in
        (0..<rows.count).reduce(Double.infinity) { least, j in
          guard rows.labels[j] != found[i].label else { return least }
          let place = i * rows.count + j
          guard apart[place] > 0 else { return 0 }
          let difference = max(0, squares[place] - found[i].square)
          return min(least, difference / (2 * apart[place].squareRoot()))
        }
      }
    }
    return found.indices.map { i in parts.reduce(Double.infinity) { min($0, $1[i]) } }
  }

  /// The results of blocks of samples, in their order; `body` also gets the place of a block's first sample.
  private func forEachBlock<Found: Sendable>(
    of samples: SampleSet, _ body: @Sendable (SampleRows, Int) -> Found
  ) throws(Failure) -> [Found] {
    let blocks = (samples.count + Self.block - 1) / Self.block
    let results: [Result<Found, Failure>] = workers.map(blocks) { [onBlock] index in
      let first = index * Self.block
      let places = first..<min(first + Self.block, samples.count)
      defer { onBlock(places.count) }
      return Result { () throws(Failure) in body(try SampleRows(samples, places), first) }
    }
    var found: [Found] = []
    for result in results { found.append(try result.get()) }
    return found
  }
}

extension NeighborSearch.Found {
  /// The nearer samples of both; the earlier one of two at the same distance.
  fileprivate mutating func take(_ other: Self) {
    otherSquare = min(otherSquare, other.otherSquare)
    guard other.square < square else { return }
    (square, place, label) = (other.square, other.place, other.label)
  }
}
