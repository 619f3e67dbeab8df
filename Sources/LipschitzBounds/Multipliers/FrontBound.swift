import Enclosure
import MatrixProducts

/// What multipliers prove of a ``ConvolutionalFront``: its value is R t for a 1-Lipschitz function t of its argument.
///
/// Let Δs be the difference of two arguments, Δu those of the activations and W the reading matrix. On a torus, Δs and
/// Δu are extended by 0, and every window of the image reads what it reads on the plane. Suppose that at each frequency
///
///     ⎡ I        −(Λ₁B₁)*                      ⎤
///     ⎢ −Λ₁B₁    2Λ₁       −(Λ₂B₂)*            ⎥
///     ⎢          −Λ₂B₂     2Λ₂           Ŵ*    ⎥ ⪰ 0
///     ⎣                    Ŵ             A(ω)  ⎦
///
/// for vectors whose last part is real, with λ ≥ 0 the same at all positions of a channel. Then
/// 2yᵀWΔu − yᵀGy ≤ ‖Δs‖² for every y, with G the mean of A over all frequencies. If R Rᵀ ⪰ G, the function t with
/// W u = R t satisfies ‖Δt‖ ≤ ‖Δs‖. Proof in `docs/soundness.md`. Cost: two factorizations at each frequency.
struct FrontBound: Sendable {
  /// By convolution and channel.
  let multipliers: [[Double]]
  /// R, lower triangular, [outputs, outputs] row-major.
  let factor: [Double]

  /// The matrices are shown to be positive definite by more than their own errors take, so that a checker whose
  /// errors add up to more can show it as well.
  private static let (room, leastMargin) = (64.0, 0x1p-36)
  private static let attempts = 8

  /// Looks for multipliers; nil if none prove anything.
  init?(
    _ front: ConvolutionalFront, _ weights: (String) -> [Float], _ workers: Workers
  ) {
    guard let symbols = FrontSymbols(front, weights, workers) else { return nil }
    var search = FrontSearch(symbols, workers)
    guard let found = search.run() else { return nil }
    self.init(symbols, multipliers: found, workers)
  }

  /// Nil if the multipliers prove nothing.
  init?(_ symbols: FrontSymbols, multipliers: [[Double]], _ workers: Workers) {
    guard multipliers.joined().allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let frequencies = symbols.torus.frequencies
    let form = FrontForm(symbols, multipliers)
    let matrices = workers.map(frequencies.count) { form.matrix(at: frequencies[$0]) }
    let products = workers.map(frequencies.count) { form.products(matrices[$0]) }
    guard !products.contains(where: { $0 == nil }) else { return nil }
    let largest = products.compactMap(\.self).reduce(0) { most, product in
      (0..<product.order).reduce(most) { max($0, product.diagonal($1)) }
    }
    guard largest > 0, largest.isFinite else { return nil }
    let power = FrontForm.power(of: largest)
    let error = form.error(power)
    let proved = workers.map(frequencies.count) { index in
      products[index].flatMap { Self.proved(form, matrices[index], $0, power, error) }
    }
    guard !proved.contains(where: { $0 == nil }),
      let factor = Self.factor(of: proved.compactMap(\.self), symbols.torus)
    else { return nil }
    (self.multipliers, self.factor) = (multipliers, factor)
  }

  /// A(ω): the products plus a multiple of I with which the matrix is positive semidefinite.
  private static func proved(
    _ form: FrontForm, _ matrix: BandMatrix, _ products: BandMatrix, _ power: Double,
    _ error: UpperBound
  ) -> BandMatrix? {
    var workspace: [Double] = []
    var shift = 0.0
    for _ in 0..<attempts {
      var outputs = products
      for i in 0..<outputs.order {
        outputs.elements[outputs.layout.offset(i, i)] += shift / (power * power)
      }
      let negated = form.negated(matrix, outputs: outputs, power)
      let slack = PositiveDefiniteness.slack(0, negated)
      let margin = room * (error.value + 2 * slack.value) + leastMargin
      if shift > 0, error.value + PositiveDefiniteness.slack(-margin, negated).value <= margin,
        PositiveDefiniteness.factorizes(-margin, minus: negated, &workspace)
      {
        return outputs
      }
      shift = shift == 0 ? 4 * margin : shift * 8
    }
    return nil
  }

  /// The Cholesky factor of the mean over all frequencies, plus what rounding takes.
  private static func factor(of products: [BandMatrix], _ torus: FrontTorus) -> [Double]? {
    var sum = BandMatrix(order: products[0].order, bandwidth: products[0].order - 1)
    for (frequency, product) in zip(torus.frequencies, products) {
      let share = torus.share(of: frequency)
      for i in sum.elements.indices { sum.elements[i] += share * product.elements[i] }
    }
    // The magnitudes of a positive semidefinite matrix have a norm of at most its trace.
    let trace = (0..<sum.order).reduce(0) { $0 + sum.diagonal($1) }
    let rounding =
      AccumulatedError.gamma(products.count + 8) * UpperBound(proven: trace * (1 + 0x1p-20))
    let shift = 4 * (rounding + PositiveDefiniteness.slack(0, sum)).value
    for i in 0..<sum.order { sum.elements[sum.layout.offset(i, i)] += shift }
    guard (rounding + PositiveDefiniteness.slack(0, sum)).value <= shift else { return nil }
    let layout = sum.layout
    let isFactor = sum.elements.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { BandFactorization(layout, $0, workers: .single).run() } ?? false
    }
    guard isFactor else { return nil }
    return (0..<sum.order * sum.order).map { index in
      let (i, j) = (index / sum.order, index % sum.order)
      return j <= i ? sum.elements[layout.offset(i, j)] : 0
    }
  }
}

/// The matrices of ``FrontBound`` in real form, with rows and columns multiplied by powers of two that bring the
/// diagonal near 1.
private struct FrontForm {
  private let symbols: FrontSymbols
  /// Where each level's coordinates begin; the end follows.
  private let places: [Int]
  /// The matrices have no elements farther from the diagonal: a level is coupled with the one before it alone.
  private let bandwidth: Int
  /// By level, for each element of a cell: what the columns are multiplied by.
  private let columns: [[Double]]
  /// λβ times what the rows are multiplied by, for the map that ends there.
  private let rows: [[Double]]
  /// Those of the diagonal, 2λ times the squares of `columns`.
  private let diagonal: [[Double]]

  init(_ symbols: FrontSymbols, _ multipliers: [[Double]]) {
    let levels = symbols.torus.levels
    var places = [0]
    for level in levels { places.append(places[places.count - 1] + 2 * level.count) }
    var (columns, diagonal) = (
      [Array(repeating: 1.0, count: levels[0].count)],
      [Array(repeating: 1.0, count: levels[0].count)]
    )
    var rows: [[Double]] = []
    for (stage, multipliers) in multipliers.enumerated() {
      let all = multipliers.flatMap { Array(repeating: $0, count: levels[stage + 1].area) }
      let scale = all.map { Self.power(of: 2 * $0) }
      columns.append(scale)
      rows.append(zip(all, scale).map { $0 * symbols.slope(stage) * $1 })
      diagonal.append(zip(all, scale).map { 2 * $0 * $1 * $1 })
    }
    let ends = Array(places.dropFirst()) + [places[places.count - 1] + symbols.outputs]
    bandwidth = zip(places, ends.dropFirst()).reduce(0) { max($0, $1.1 - $1.0 - 1) }
    (self.symbols, self.places, self.columns) = (symbols, places, columns)
    (self.rows, self.diagonal) = (rows, diagonal)
  }

  /// A power of two whose square brings a number into [1, 4).
  static func power(of number: Double) -> Double {
    Double(
      sign: .plus, exponent: -Int((Double(number.exponent) / 2).rounded(.down)), significand: 1)
  }

  /// Bounds the error of a matrix whose last rows are multiplied by `power`.
  func error(_ power: Double) -> UpperBound {
    symbols.error(
      rows: rows + [Array(repeating: power, count: symbols.outputs)], columns: columns)
  }

  /// The matrix at a frequency without A, the last rows as they are.
  func matrix(at frequency: (Int, Int)) -> BandMatrix {
    let inner = places[places.count - 1]
    var matrix = BandMatrix(order: inner + symbols.outputs, bandwidth: bandwidth)
    let layout = matrix.layout
    for (level, values) in diagonal.enumerated() {
      for (i, value) in (values + values).enumerated() {
        matrix.elements[layout.offset(places[level] + i, places[level] + i)] = value
      }
    }
    for stage in rows.indices {
      let map = symbols.map(stage, at: frequency)
      let (height, width) = (2 * rows[stage].count, 2 * columns[stage].count)
      for i in 0..<height {
        let factor = -rows[stage][i % rows[stage].count]
        let place = layout.offset(places[stage + 1] + i, places[stage])
        for j in 0..<width {
          let scale = columns[stage][j % columns[stage].count]
          matrix.elements[place + j] = factor * map[i * width + j] * scale
        }
      }
    }
    let reading = symbols.rows(at: frequency)
    let (last, count) = (columns.count - 1, columns[columns.count - 1].count)
    for i in 0..<symbols.outputs {
      let place = layout.offset(inner + i, places[last])
      for j in 0..<2 * count {
        matrix.elements[place + j] = reading[i * 2 * count + j] * columns[last][j % count]
      }
    }
    return matrix
  }

  /// About the least A; nil if the rest is not positive definite.
  func products(_ matrix: BandMatrix) -> BandMatrix? {
    let (inner, layout) = (places[places.count - 1], matrix.layout)
    var reduced = matrix
    let isDefinite = reduced.elements.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map {
        BandFactorization(layout, $0, workers: .single).run(columns: inner)
      } ?? false
    }
    guard isDefinite else { return nil }
    var products = BandMatrix(order: symbols.outputs, bandwidth: symbols.outputs - 1)
    for i in 0..<symbols.outputs {
      for j in 0...i {
        products.elements[products.layout.offset(i, j)] =
          -reduced.elements[layout.offset(inner + i, inner + j)]
      }
    }
    return products
  }

  /// The matrix with A, negated, its last rows and columns multiplied by a power of two.
  func negated(_ matrix: BandMatrix, outputs: BandMatrix, _ power: Double) -> BandMatrix {
    let (inner, layout) = (places[places.count - 1], matrix.layout)
    var negated = matrix
    for i in negated.elements.indices { negated.elements[i] = -negated.elements[i] }
    for i in 0..<symbols.outputs {
      let row = layout.offset(inner + i, inner)
      for j in layout.origin(inner + i) - inner..<0 { negated.elements[row + j] *= power }
      for j in 0...i {
        negated.elements[row + j] =
          -power * power * outputs.elements[outputs.layout.offset(i, j)]
      }
    }
    return negated
  }
}
