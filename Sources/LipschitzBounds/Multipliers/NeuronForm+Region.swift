import BoundAlgebra
import Enclosure
import MatrixProducts
import ModelIR

extension NeuronForm {
  /// The form of a part of a network with given weights; nil if numbers leave the range or matrices become too large.
  ///
  /// - Parameter front: what is proved of the part's front, if it has one.
  init?(
    _ region: NeuronRegion, after front: FrontBound?, _ weights: (String) -> [Float],
    _ workers: Workers
  ) {
    var builder = NeuronFormBuilder(region, after: front, workers)
    for node in region.nodes {
      guard builder.append(node, weights) else { return nil }
    }
    guard let form = builder.form else { return nil }
    self = form
  }
}

/// Follows a part of a network forward, with each value as a linear function of the argument and the neurons.
private struct NeuronFormBuilder {
  /// By block, the transpose of the coefficients: a row for each coordinate, a column for each element.
  private typealias Value = [Int: ExplicitMatrix]

  private let workers: Workers
  private let last: Int
  private var values: [Int: Value]
  private var blocks: [Range<Int>]
  private var terms: [[NeuronForm.Term]] = []

  private static let mostElements = 1 << 23

  init(_ region: NeuronRegion, after front: FrontBound?, _ workers: Workers) {
    self.workers = workers
    last = region.target
    blocks = [0..<region.inputs]
    let first =
      front.map { ExplicitMatrix(transposeOf: $0.factor, order: region.inputs, workers) }
      ?? ExplicitMatrix(identity: region.inputs, workers)
    values = [region.start: [0: first]]
  }

  /// The form, after the last node; nil if numbers leave the range.
  var form: NeuronForm? {
    guard let value = values[last], let output = Self.terms(of: value) else { return nil }
    return NeuronForm(
      blocks: blocks, terms: terms, output: output, outputs: value.first?.value.columns ?? 0)
  }

  /// False if numbers leave the range or a matrix becomes too large.
  mutating func append(_ node: NeuronRegion.Node, _ weights: (String) -> [Float]) -> Bool {
    let operands = node.operands.compactMap { values[$0] }
    guard operands.count == node.operands.count, let first = operands.first else { return false }
    let value: Value? =
      switch node.step {
      case .linear(let map): image(first, map, weights)
      case .elementwise(let slopes): neurons(first, slopes)
      case .comparisons(let comparisons): compared(first, comparisons)
      case .addition:
        operands.dropFirst().reduce(first) { sum, next in sum.flatMap { plus($0, next) } }
      case .concatenation(let places): concatenated(operands, places, weights)
      }
    values[node.position] = value
    return value != nil
  }

  private func image(
    _ value: Value, _ map: LinearOperator, _ weights: (String) -> [Float]
  ) -> Value? {
    if case .copy(let copy) = map.form, copy.keepsOrder { return value }
    guard let layer = WeightedOperator(map, weights: weights) else { return nil }
    var image = Value()
    for (block, matrix) in value {
      guard matrix.rows * layer.rows <= Self.mostElements,
        let product = matrix.times(layer, isTransposed: true, workers)
      else { return nil }
      image[block] = product
    }
    return image
  }

  private func plus(_ a: Value, _ b: Value) -> Value? {
    var sum = a
    for (block, matrix) in b {
      guard let known = a[block] else {
        sum[block] = matrix
        continue
      }
      guard let total = known.plus(matrix, workers) else { return nil }
      sum[block] = total
    }
    return sum
  }

  private func concatenated(
    _ operands: [Value], _ places: [LinearOperator], _ weights: (String) -> [Float]
  ) -> Value? {
    var total: Value? = [:]
    for (operand, place) in zip(operands, places) {
      total = total.flatMap { sum in image(operand, place, weights).flatMap { plus(sum, $0) } }
    }
    return total
  }

  /// φ(z) = αz + ψ(z), with the difference quotients of ψ in [0, β − α]; the neurons are u = ψ(z), whose
  /// difference quotients by (β − α)z lie in [0, 1].
  private mutating func neurons(_ z: Value, _ slopes: Slopes) -> Value? {
    // Any number at most the least slope is right; few digits keep products exact.
    let least =
      slopes.negative.upper > .zero
      ? -Double(Float(slopes.negative.upper.value).nextUp)
      : max(0, Double(Float(slopes.leastPositive.lower.value).nextDown))
    let width = DirectedRounding.addUp(slopes.positive.upper.value, -least)
    guard width > 0, let scaled = scaled(z, by: width), let block = appendBlock(scaled) else {
      return nil
    }
    let image = Value(
      uniqueKeysWithValues: [(block, ExplicitMatrix(identity: blocks[block].count, workers))])
    guard least != 0 else { return image }
    return self.scaled(z, by: least).flatMap { plus($0, image) }
  }

  private func scaled(_ value: Value, by factor: Double) -> Value? {
    if factor == 1 { return value }
    var image = Value()
    for (block, matrix) in value {
      guard let product = matrix.scaled(by: factor, workers) else { return nil }
      image[block] = product
    }
    return image
  }

  /// Adds a block of neurons with these arguments; nil if numbers leave the range.
  private mutating func appendBlock(_ arguments: Value) -> Int? {
    guard let found = Self.terms(of: arguments), let count = arguments.first?.value.columns else {
      return nil
    }
    let end = blocks[blocks.count - 1].upperBound
    blocks.append(end..<end + count)
    terms.append(found)
    return blocks.count - 1
  }

  /// max(a, b) = b + u and min(a, b) = a − u with u = max(0, a − b).
  private mutating func compared(_ value: Value, _ comparisons: Comparisons) -> Value? {
    var value = value
    for round in comparisons.rounds {
      guard let arguments = mapped(value, { $0.differences(of: round, workers) }),
        let block = appendBlock(arguments),
        var next = mapped(value, { $0.exchanging(round, workers) }),
        let count = next.first?.value.columns
      else { return nil }
      next[block] = ExplicitMatrix(marking: round, among: count, workers)
      value = next
    }
    return mapped(value) { $0.selecting(comparisons.outputs, workers) }
  }

  private func mapped(
    _ value: Value, _ image: (ExplicitMatrix) -> ExplicitMatrix?
  ) -> Value? {
    var result = Value()
    for (block, matrix) in value {
      guard let image = image(matrix) else { return nil }
      result[block] = image
    }
    return result
  }

  private static func terms(of value: Value) -> [NeuronForm.Term]? {
    var terms: [NeuronForm.Term] = []
    for (block, matrix) in value.sorted(by: { $0.key < $1.key }) {
      guard abs(matrix.exponent) < 300 else { return nil }
      terms.append(
        NeuronForm.Term(
          source: block, elements: matrix.transposedElements,
          error: matrix.error.scaled(byPowerOfTwo: matrix.exponent)))
    }
    return terms
  }
}

extension ExplicitMatrix {
  /// The transpose of a square matrix, row-major, without error.
  fileprivate init(transposeOf elements: [Double], order: Int, _ workers: Workers) {
    self.init(
      exactly: PanelMatrix(rows: order, columns: order, workers) { panel, place in
        place.update(repeating: 0, count: order * PanelMatrix.lanes)
        let first = panel * PanelMatrix.lanes
        for row in first..<min(order, first + PanelMatrix.lanes) {
          for column in 0..<order {
            place[column * PanelMatrix.lanes + row - first] = elements[column * order + row]
          }
        }
      })
  }
}
