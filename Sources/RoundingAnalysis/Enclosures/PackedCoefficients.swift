import Enclosure
import MatrixProducts

/// The coefficients of a sum of products in the order in which the kernel reads them: by family, block of six
/// rows, and tap, six rows side by side.
struct PackedCoefficients: Sendable {
  /// The middles of the coefficients.
  let middle: [Double]
  /// Their magnitudes, rounded to nearest; numbers below the normal ones are rounded up to them.
  let size: [Float]
  /// Half-widths or errors of the coefficients, whichever are larger; nil if all are exact.
  let uncertainty: [Float]?
  /// The largest magnitude.
  let largest: Double
  private let exact: [Double]
  private let errors: [Double]
  private let blocks: [Int]
  private let places: [Int]?
  private let geometry: SumGeometry
  private var taps: Int { places?.count ?? 0 }

  init(_ geometry: SumGeometry, _ w: RoundedTensor?) {
    self.geometry = geometry
    places = geometry.places
    let taps = geometry.places?.count ?? 0
    var blocks: [Int] = []
    var size = 0
    for family in geometry.families {
      blocks.append(size)
      size += (family.rows + LaneProducts.rows - 1) / LaneProducts.rows * taps * LaneProducts.rows
    }
    self.blocks = blocks
    guard let w, let order = geometry.places else {
      (middle, self.size, uncertainty, exact, errors, largest) = ([], [], nil, [], [], 1)
      return
    }
    let (middles, halves) = w.exact.middleAndHalf
    let doubts = halves.isEmpty ? w.error : zip(halves, w.error).map(maxOrNaN)
    exact =
      halves.isEmpty
      ? middles.map(\.magnitude) : zip(middles, halves).map { above($0.magnitude + $1) }
    errors = doubts.allSatisfy { $0 == 0 } ? [] : doubts
    largest = exact.max() ?? 0
    let places = Self.places(geometry, order, blocks, size)
    middle = places.map { $0 < 0 ? 0 : middles[$0] }
    let exact = self.exact
    self.size = places.map { $0 < 0 ? 0 : Self.float(exact[$0]) }
    uncertainty = errors.isEmpty ? nil : places.map { $0 < 0 ? 0 : Self.float(doubts[$0]) }
  }

  /// About a magnitude, and never 0 or subnormal unless it is 0.
  private static func float(_ magnitude: Double) -> Float {
    magnitude > 0 ? max(Float(magnitude), .leastNormalMagnitude) : Float(magnitude)
  }

  /// For each packed coefficient its place in w; −1 for rows that complete a block.
  private static func places(
    _ geometry: SumGeometry, _ order: [Int], _ blocks: [Int], _ size: Int
  ) -> [Int] {
    var places = Array(repeating: -1, count: size)
    for (family, start) in zip(geometry.families, blocks) {
      for row in 0..<family.rows {
        let block = start + row / LaneProducts.rows * order.count * LaneProducts.rows
        let first = family.coefficient + row * geometry.rowCoefficients
        for (k, place) in order.enumerated() {
          places[block + k * LaneProducts.rows + row % LaneProducts.rows] = first + place
        }
      }
    }
    return places
  }

  /// The beginning of the block of a row.
  func block(_ family: Int, _ row: Int) -> Int { blocks[family] + row * taps }

  /// The norms of a row at positions with the given taps.
  func row(_ index: Int, _ row: Int, _ taps: SumGeometry.Taps) -> SumKernel.Row {
    guard let places else {
      let count = Double(taps.elements.count)
      let norm = count.squareRoot().nextUp
      return SumKernel.Row(norm: norm, signedNorm: norm, sum: count)
    }
    let first = geometry.families[index].coefficient + row * geometry.rowCoefficients
    let block =
      block(index, row) + row % LaneProducts.rows
      - row % LaneProducts.rows * self.taps
    var (sum, positive, negative, doubt) = (0.0, 0.0, 0.0, 0.0)
    for k in taps.coefficients {
      let place = first + places[k]
      let square = exact[place] * exact[place]
      sum += exact[place]
      if middle[block + k * LaneProducts.rows] < 0 {
        negative += square
      } else {
        positive += square
      }
      if !errors.isEmpty { doubt += errors[place] * errors[place] }
    }
    // n squares and additions of non-negative numbers; 2⁻⁹⁰⁰ covers squares that underflow.
    let inflation = 1 + Double(taps.coefficients.count + 8) * 0x1p-52
    func root(_ squares: Double) -> Double {
      above((squares * inflation + 0x1p-900).squareRoot())
    }
    let isExact = errors.isEmpty
    return SumKernel.Row(
      norm: root(positive + negative),
      signedNorm: isExact ? root(max(positive, negative)) : root(positive + negative),
      sum: sum * inflation, uncertainNorm: isExact ? 0 : root(doubt))
  }
}
