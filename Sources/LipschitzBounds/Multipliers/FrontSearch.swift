import Glibc
import MatrixProducts

/// Looks for multipliers of the channels of a ``ConvolutionalFront``.
///
/// With X the form on an image (the identity on the argument's), B the next convolution at a frequency and
/// A = B X⁻¹ B*, the form on the next image is 2Λ − ΛAΛ. Λ = τ/v is feasible for every τ < 2 if V ⪰ A at all
/// frequencies. The search varies τ for each convolution, and how much channels differ: v is a power of the largest row
/// sums Σ |Aᵢⱼ|, times what brings the largest eigenvalue of V⁻¹A to about 1. It minimizes the largest eigenvalue of the
/// products of the reading rows. Nothing that is proved depends on what is found.
///
/// Cost: up to 18 times the factorizations of orders 2·(elements of a cell) and outputs at all frequencies, of which
/// those before the first multiplier that has changed are kept.
struct FrontSearch {
  /// The multipliers of a front by scales and by how much channels differ.
  private struct Choice: Hashable {
    /// How often each scale was multiplied by each of the steps.
    var counts: [[Int]]
    var power: Double

    /// τ for each convolution.
    var scales: [Double] {
      counts.map {
        zip(FrontSearch.steps, $0).reduce(FrontSearch.firstScale) { $0 * pow($1.0, Double($1.1)) }
      }
    }
  }

  private let symbols: FrontSymbols
  private let workers: Workers
  private let maps: [[[Double]]]
  private let rows: [[Double]]
  /// v, by convolution and channel.
  private var sizes: [[Double]] = []
  /// By convolution: what it makes of the forms before it, and the choice that they belong to.
  private var known: [(choice: Choice, products: [BandMatrix])?]
  private var values: [Choice: Double?] = [:]
  private var evaluations = 0

  private static let firstScale = 1.4
  private static let steps = [1.2, 1.07]
  private static let mostEvaluations = 18

  init(_ symbols: FrontSymbols, _ workers: Workers) {
    let frequencies = symbols.torus.frequencies
    (self.symbols, self.workers) = (symbols, workers)
    maps = (0..<symbols.torus.levels.count - 1).map { stage in
      workers.map(frequencies.count) { symbols.map(stage, at: frequencies[$0]) }
    }
    rows = workers.map(frequencies.count) { symbols.rows(at: frequencies[$0]) }
    known = maps.map { _ in nil }
  }

  /// By convolution and channel; nil if none are found.
  mutating func run() -> [[Double]]? {
    var best = Choice(counts: maps.map { _ in Self.steps.map { _ in 0 } }, power: 1)
    guard var least = value(best) else { return nil }
    func improve(_ choice: Choice, _ value: Double?) -> Bool {
      guard let value, value < least else { return false }
      (best, least) = (choice, value)
      return true
    }
    for power in [0.5, 0] {
      let choice = Choice(counts: best.counts, power: power)
      if !improve(choice, value(choice)) { break }
    }
    for step in Self.steps.indices {
      var isImproved = true
      while isImproved {
        isImproved = false
        for stage in maps.indices.reversed() {
          for change in [1, -1] where evaluations < Self.mostEvaluations {
            var choice = best
            choice.counts[stage][step] += change
            isImproved = improve(choice, value(choice)) || isImproved
          }
        }
      }
    }
    return multipliers(best)
  }

  private func multipliers(_ choice: Choice) -> [[Double]] {
    let scales = choice.scales
    return sizes.indices.map { stage in
      let largest = sizes[stage].max() ?? 1
      return sizes[stage].map { size in
        scales[stage] / (largest * Self.power(size / largest, choice.power))
      }
    }
  }

  /// x to the power of 0, a half or 1.
  private static func power(_ x: Double, _ exponent: Double) -> Double {
    exponent == 0 ? 1 : exponent == 1 ? x : x.squareRoot()
  }

  /// About the largest eigenvalue of the products of the reading rows; nil if a form is not positive definite.
  private mutating func value(_ choice: Choice) -> Double? {
    evaluations += 1
    let value = values[choice] ?? computedValue(choice)
    values.updateValue(value, forKey: choice)
    return value
  }

  private mutating func computedValue(_ choice: Choice) -> Double? {
    for stage in maps.indices where !isKnown(stage, choice) {
      let count = 2 * symbols.torus.levels[stage + 1].count
      let before = stage == 0 ? maps[0].map { _ in nil } : forms(stage - 1, choice)
      guard let products = products(before, maps[stage], count: count) else { return nil }
      known[stage] = (choice, products)
      if stage == sizes.count { sizes.append(sizes(products, stage)) }
    }
    let last = forms(maps.count - 1, choice)
    guard let products = products(last, rows, count: symbols.outputs) else { return nil }
    var sum = BandMatrix(order: symbols.outputs, bandwidth: symbols.outputs - 1)
    for (frequency, product) in zip(symbols.torus.frequencies, products) {
      let share = symbols.torus.share(of: frequency)
      for i in sum.elements.indices { sum.elements[i] += share * product.elements[i] }
    }
    return LanczosEstimate(order: sum.order) { sum.times($0) }.value
  }

  /// Whether the products of a convolution are those of a choice, of which only the multipliers before it matter.
  private func isKnown(_ stage: Int, _ choice: Choice) -> Bool {
    guard let known = known[stage] else { return false }
    return stage == 0
      || known.choice.power == choice.power
        && known.choice.counts[..<stage] == choice.counts[..<stage]
  }

  /// The forms on the image after a convolution.
  private func forms(_ stage: Int, _ choice: Choice) -> [BandMatrix?] {
    guard let products = known[stage]?.products else { return [] }
    let multipliers = perElement(multipliers(choice)[stage], stage)
    let square = square(of: stage)
    return workers.map(products.count) { Self.form(products[$0], multipliers, square) }
  }

  /// The square of the largest slope after a convolution.
  private func square(of stage: Int) -> Double { symbols.slope(stage) * symbols.slope(stage) }

  /// For each element of a cell in real form.
  private func perElement(_ channels: [Double], _ stage: Int) -> [Double] {
    let area = symbols.torus.levels[stage + 1].area
    let elements = channels.flatMap { Array(repeating: $0, count: area) }
    return elements + elements
  }

  /// B X⁻¹ Bᵀ at each frequency.
  private func products(
    _ forms: [BandMatrix?], _ rows: [[Double]], count: Int
  ) -> [BandMatrix]? {
    let found = workers.map(forms.count) { index in
      forms[index].map { $0.inverseProducts(of: rows[index], rows: count) }
        ?? Self.square(rows[index], count: count)
    }
    return found.contains { $0 == nil } ? nil : found.compactMap(\.self)
  }

  /// B Bᵀ.
  private static func square(_ rows: [Double], count: Int) -> BandMatrix {
    var square = BandMatrix(order: count, bandwidth: count - 1)
    let width = rows.count / count
    rows.withUnsafeBufferPointer { rows in
      guard let base = rows.baseAddress else { return }
      square.addProducts(of: MatrixView(base, rowStride: width), inner: width, .single)
    }
    return square
  }

  /// The largest row sums of A by channel, times the largest eigenvalue of A with rows and columns divided by their
  /// roots.
  private func sizes(_ products: [BandMatrix], _ stage: Int) -> [Double] {
    let factor = square(of: stage)
    let level = symbols.torus.levels[stage + 1]
    var largest = Array(repeating: 0.0, count: level.channels)
    for product in products {
      for (index, sum) in product.magnitudeSums.enumerated() {
        let channel = index % level.count / level.area
        largest[channel] = max(largest[channel], factor * sum)
      }
    }
    // A channel that nothing reaches may have any multiplier.
    let floor = 1e-6 * (largest.max() ?? 0)
    let sums = largest.map { max($0, floor) }
    let roots = perElement(sums, stage).map { (factor / $0).squareRoot() }
    let tops = workers.map(products.count) { index in
      LanczosEstimate(order: roots.count) { x in
        zip(products[index].times(zip(x, roots).map(*)), roots).map(*)
      }.value
    }
    return sums.map { $0 * (tops.max() ?? 1) }
  }

  /// 2Λ − ΛAΛ, for A times a factor.
  private static func form(
    _ product: BandMatrix, _ multipliers: [Double], _ factor: Double
  ) -> BandMatrix {
    var form = product
    for i in 0..<form.order {
      for j in 0...i {
        let place = form.layout.offset(i, j)
        form.elements[place] *= -factor * multipliers[i] * multipliers[j]
      }
      form.elements[form.layout.offset(i, i)] += 2 * multipliers[i]
    }
    return form
  }
}

extension BandMatrix {
  /// For each row of the symmetric matrix the sum of magnitudes.
  fileprivate var magnitudeSums: [Double] {
    var sums = Array(repeating: 0.0, count: order)
    for i in 0..<order {
      for j in 0...i {
        let size = elements[layout.offset(i, j)].magnitude
        sums[i] += size
        if j < i { sums[j] += size }
      }
    }
    return sums
  }
}
