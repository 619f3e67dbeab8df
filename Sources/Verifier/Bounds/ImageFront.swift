import Enclosure
import Glibc
import MatrixProducts

/// The convolutions at the beginning of a part of the network, with monotone activations between them, and the linear
/// layers that read the last of these.
///
/// Channels have multipliers λ ≥ 0, the same at all positions.
/// Coordinates are the differences Δs of the argument and Δu of the activations, and for every y the form
/// ‖Δs‖² + Σ 2λΔu(Δu − βΔz) − 2yᵀWΔu + yᵀGy is at most ‖Δs‖² − 2yᵀWΔu + yᵀGy. On tori of cells so large that no
/// window wraps around to an element it is the mean of forms for each frequency. Where these are positive
/// semidefinite with A in place of G, the mean of all A is a G. With R Rᵀ ⪰ G, the value Wu is R t for a function t of
/// s with constant 1 (`docs/soundness.md`, §3).
struct ImageFront: Sendable {
  /// A convolution and the activation after it.
  private struct Stage: Sendable {
    let stencil: Stencil
    /// The largest slope.
    let slope: Double
    let multipliers: [Double]
  }

  /// The positions of its layers, the last of which has its value.
  let positions: Set<Int>
  let target: Int
  /// The number of the value's elements.
  let outputs: Int
  private let stages: [Stage]
  /// W, row-major, and a bound of the norm of its error.
  private let reading: (rows: [Double], error: UpperBound)

  /// No front may have more elements at a frequency, or outputs.
  private static let (mostElements, mostOutputs) = (1 << 12, 1 << 12)

  /// The layers between two positions; nil if they are not such convolutions.
  ///
  /// - Parameter multipliers: by name of the activation, in the order of layers.
  init?(
    from source: Int, to target: Int, in network: Network,
    multipliers: [(layer: String, values: [Double])]
  ) {
    var positions: Set<Int> = []
    var place = target
    guard let reading = Self.reading(to: &place, in: network, &positions) else { return nil }
    var (stages, rest) = ([Stage](), multipliers[...])
    while place != source {
      guard place > source, let given = rest.popLast(),
        let stage = Self.stage(endingAt: &place, in: network, given, &positions)
      else { return nil }
      stages.insert(stage, at: 0)
    }
    guard !stages.isEmpty, rest.isEmpty else { return nil }
    (self.positions, self.target, self.stages, self.reading) = (positions, target, stages, reading)
    outputs = network.count(at: target)
  }

  /// The product of the linear layers that end at a position, which becomes that of their argument.
  private static func reading(
    to place: inout Int, in network: Network, _ positions: inout Set<Int>
  ) -> (rows: [Double], error: UpperBound)? {
    var product: LinearRows?
    while place > 0 {
      let node = network.nodes[place - 1]
      switch node.form {
      case .identity: break
      case .linear(let map, _):
        guard map.outputs <= mostOutputs || product != nil, map.means.isEmpty else { return nil }
        product = product.map { $0.times(map) } ?? LinearRows(map)
      case .elementwise, .comparisons, .nonlinear, .nonlinearNorm, .gradientStep, .sum,
        .concatenation:
        return product.map { ($0.elements, $0.error) }
      }
      positions.insert(place)
      place = node.operands[0]
    }
    return nil
  }

  /// The activation at a position and the convolution before it, to whose argument the position moves.
  private static func stage(
    endingAt place: inout Int, in network: Network,
    _ given: (layer: String, values: [Double]), _ positions: inout Set<Int>
  ) -> Stage? {
    func skipIdentities() {
      while place > 0, case .identity = network.nodes[place - 1].form {
        positions.insert(place)
        place = network.nodes[place - 1].operands[0]
      }
    }
    skipIdentities()
    guard place > 0, network.nodes[place - 1].name == given.layer,
      case .elementwise(let slopes) = network.nodes[place - 1].form, slopes.lowerBound >= 0,
      slopes.upperBound.isFinite
    else { return nil }
    positions.insert(place)
    place = network.nodes[place - 1].operands[0]
    skipIdentities()
    guard place > 0, case .linear(let map, _) = network.nodes[place - 1].form,
      let stencil = map.stencil, stencil.error == .zero, given.values.count == stencil.output[0]
    else { return nil }
    positions.insert(place)
    place = network.nodes[place - 1].operands[0]
    return Stage(stencil: stencil, slope: slopes.upperBound, multipliers: given.values)
  }

  /// R, lower triangular and row-major; nil if the multipliers do not show it.
  func factor(_ workers: Workers) -> [Double]? {
    let cells = FrontCells(stages.map(\.stencil))
    guard cells.levels.map(\.count).reduce(0, +) <= Self.mostElements else { return nil }
    let form = FrequencyForm(
      cells, stages.map { ($0.stencil, $0.slope, $0.multipliers) }, reading, outputs: outputs)
    let frequencies = cells.frequencies
    let products = workers.map(frequencies.count) { form.products(at: frequencies[$0]) }
    guard !products.contains(where: { $0 == nil }) else { return nil }
    let largest = products.compactMap(\.self).reduce(0.0) { most, product in
      (0..<outputs).reduce(most) { max($0, product[$1 * outputs + $1]) }
    }
    guard largest > 0, largest.isFinite else { return nil }
    let shares = workers.map(frequencies.count) { index in
      products[index].flatMap { form.raised($0, at: frequencies[index], largest: largest) }
    }
    guard !shares.contains(where: { $0 == nil }) else { return nil }
    var mean = Array(repeating: 0.0, count: outputs * outputs)
    for (frequency, product) in zip(frequencies, shares.compactMap(\.self)) {
      let share = cells.share(of: frequency)
      for i in mean.indices { mean[i] += share * product[i] }
    }
    return Self.factor(of: mean, outputs, terms: frequencies.count)
  }

  /// R with R Rᵀ at least a sum of so many positive semidefinite matrices as computed.
  private static func factor(of mean: [Double], _ order: Int, terms: Int) -> [Double]? {
    guard var matrix = SymmetricMatrix(firsts: Array(repeating: 0, count: order)) else {
      return nil
    }
    var trace = 0.0
    for i in 0..<order {
      for j in 0...i { matrix[i, j] = mean[i * order + j] }
      trace += mean[i * order + i]
    }
    // The magnitudes of a positive semidefinite matrix have a norm of at most its trace.
    let rounding =
      AccumulatedError.gamma(terms + 8) * UpperBound(proven: trace * (1 + 0x1p-20))
    let shift = (rounding + matrix.factorizationError) * UpperBound(proven: 2)
    guard shift.isFinite, matrix.factorize(minus: -shift.value) else { return nil }
    return (0..<order * order).map { index in
      let (i, j) = (index / order, index % order)
      return j <= i ? matrix[i, j] : 0
    }
  }
}

/// Rows of a product of linear layers.
private struct LinearRows {
  let elements: [Double]
  let error: UpperBound
  private let count: Int

  init(_ map: LinearMap) {
    elements = map.denseRows.flatMap(\.self)
    count = map.outputs
    error = UpperBound(proven: map.coefficientError) * map.profile.absoluteNorm
  }

  private init(_ elements: [Double], _ count: Int, error: UpperBound) {
    (self.elements, self.count, self.error) = (elements, count, error)
  }

  /// The rows times a layer's matrix.
  func times(_ map: LinearMap) -> LinearRows {
    var product = Array(repeating: 0.0, count: count * map.inputs)
    for row in 0..<map.outputs {
      map.visit(row) { column, value in
        for i in 0..<count {
          product[i * map.inputs + column] += elements[i * map.outputs + row] * value
        }
      }
    }
    let size = map.profile.absoluteNorm
    let own = absoluteNorm
    let rounding = AccumulatedError.gamma(map.outputs + 2) * own * size
    let lost = UpperBound(proven: map.coefficientError) * size * (own + error)
    return LinearRows(product, count, error: error * size + rounding + lost)
  }

  private var absoluteNorm: UpperBound {
    let width = elements.count / max(1, count)
    var (columns, largest) = (Array(repeating: 0.0, count: width), 0.0)
    for i in 0..<count {
      var sum = 0.0
      for j in 0..<width {
        sum += elements[i * width + j].magnitude
        columns[j] += elements[i * width + j].magnitude
      }
      largest = max(largest, sum)
    }
    return
      (UpperBound(proven: largest) * UpperBound(proven: columns.max() ?? 0)
      * (.one + AccumulatedError.gamma(2 * max(count, width) + 4))).squareRoot()
  }
}
