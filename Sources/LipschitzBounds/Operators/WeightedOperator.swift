import Enclosure
import ModelIR
import TensorGraph

/// A layer's operator with its weights, whose products ``PanelProduct`` computes, with the
/// numbers that bound the error.
///
/// A = 2^exponent · (Â + E), where Â is the operator that is applied and ‖E‖ ≤ `coefficientError`.
struct WeightedOperator {
  /// The dimension of x.
  let columns: Int
  /// The dimension of A x.
  let rows: Int
  /// Bounds ‖ |Â| ‖.
  let magnitude: UpperBound
  let coefficientError: UpperBound
  let exponent: Int
  /// The number of roundings in one element of A x.
  let terms: Int
  /// The number of operations of one application.
  let cost: Double
  /// How the operator is applied to vectors in row-major order.
  let action: Action

  enum Action {
    case matrix(DenseBlock)
    /// The groups of a convolution, or the adjoint of one.
    case convolution([ConvolutionBlock], isAdjoint: Bool)
    case factors([Double], perFactor: Int)
    /// The source of each element of the image, −1 for zero.
    case copy(sources: [Int])
    /// For each element of the image, the elements of its window in [C, H, W].
    case windows([[Int]], factor: Double)
    /// Groups of elements whose mean is subtracted.
    case centering(groups: [[Int]])
  }

  /// Reads the weights; nil if a number is not finite or all are 0.
  init?(_ map: LinearOperator, weights: (String) -> [Float]) {
    rows = map.outputShape.reduce(1, *)
    columns = map.inputShape.reduce(1, *)
    switch map.form {
    case .dense(let weight, let inputs, let outputs):
      guard let scaled = ScaledNumbers(weights(weight).map(Double.init)) else { return nil }
      let block = DenseBlock(rows: outputs, columns: inputs, elements: scaled.values)
      (action, exponent) = (.matrix(block), scaled.exponent)
      (magnitude, coefficientError) = (block.magnitude, .zero)
      (terms, cost) = (block.terms, Double(rows) * Double(columns))
    case .convolution(let weight, let window, let input, let filters):
      guard let scaled = ScaledNumbers(weights(weight).map(Double.init)) else { return nil }
      let blocks = ConvolutionBlock.groups(window, input, filters, scaled.values)
      (action, exponent) = (.convolution(blocks, isAdjoint: false), scaled.exponent)
      (magnitude, coefficientError) = (blocks.map(\.magnitude).max() ?? .zero, .zero)
      (terms, cost) = (blocks[0].terms, blocks.map(\.applicationCost).reduce(0, +))
    case .transposedConvolution(let weight, let window, let input, let output):
      guard let scaled = ScaledNumbers(weights(weight).map(Double.init)) else { return nil }
      let blocks = ConvolutionBlock.groups(window, output, input[0], scaled.values)
      (action, exponent) = (.convolution(blocks, isAdjoint: true), scaled.exponent)
      (magnitude, coefficientError) = (blocks.map(\.magnitude).max() ?? .zero, .zero)
      (terms, cost) = (blocks[0].terms, blocks.map(\.applicationCost).reduce(0, +))
    case .diagonal(let factors, let shape):
      let diagonal = DiagonalFactors(factors, weights: weights)
      guard let scaled = ScaledNumbers(diagonal.values) else { return nil }
      let perFactor = scaled.values.count == 1 ? columns : columns / shape[0]
      (action, exponent) = (.factors(scaled.values, perFactor: perFactor), scaled.exponent)
      magnitude = UpperBound(proven: 2)
      coefficientError = UpperBound(proven: 2 * (diagonal.largestRatio.value - 1).nextUp)
      (terms, cost) = (1, Double(columns))
    case .copy(let map):
      guard let norm = LinearOperator(name: "copy", form: .copy(map)).closedNorm else { return nil }
      (action, exponent) = (.copy(sources: map.sources), 0)
      (magnitude, coefficientError) = (norm.upper, .zero)
      (terms, cost) = (rows / columns + 1, Double(rows))
    case .sumPool(let window, let input, let factor):
      guard factor != 0, factor.isFinite else { return nil }
      let taps = window.kernel[0] * window.kernel[1]
      let overlap = window.largestOverlap(in: Array(input[1...]))
      (action, exponent) = (.windows(window.members(of: input), factor: factor), 0)
      magnitude =
        UpperBound(proven: factor.magnitude) * UpperBound(integer: taps * overlap).squareRoot()
      (coefficientError, terms) = (.zero, max(taps, overlap) + 1)
      cost = Double(rows) * Double(taps)
    case .centering(let axes, let shape):
      let groups = Self.groups(of: shape, along: axes)
      (action, exponent) = (.centering(groups: groups), 0)
      (magnitude, coefficientError) = (UpperBound(proven: 2), .zero)
      (terms, cost) = ((groups.first?.count ?? 0) + 4, 2 * Double(columns))
    }
  }

  /// Whether the images of unit vectors are computed without rounding.
  var isExactOnUnitVectors: Bool {
    switch action {
    case .matrix, .convolution, .factors, .copy, .windows: true
    case .centering: false
    }
  }

  private static func groups(of shape: [Int], along axes: [Int]) -> [[Int]] {
    var groups: [[Int]: [Int]] = [:]
    var order: [[Int]] = []
    var coordinate = shape.map { _ in 0 }
    for index in 0..<shape.reduce(1, *) {
      let kept = coordinate.indices.filter { !axes.contains($0) }.map { coordinate[$0] }
      if groups[kept] == nil { order.append(kept) }
      groups[kept, default: []].append(index)
      for axis in shape.indices.reversed() {
        coordinate[axis] += 1
        if coordinate[axis] < shape[axis] { break }
        coordinate[axis] = 0
      }
    }
    return order.map { groups[$0] ?? [] }
  }
}

/// Numbers scaled by a power of two so that the largest magnitude lies in [1, 2).
///
/// Scaling is exact, except for numbers that underflow.
struct ScaledNumbers {
  let values: [Double]
  let exponent: Int

  /// Nil if a number is not finite or all are 0.
  init?(_ numbers: [Double]) {
    var largest = 0.0
    for number in numbers {
      guard number.isFinite else { return nil }
      largest = max(largest, number.magnitude)
    }
    guard largest > 0 else { return nil }
    exponent = Int(largest.exponent)
    // In two factors, since 2¹⁰⁷⁴ is out of range.
    let half = -exponent / 2
    let first = Double(sign: .plus, exponent: half, significand: 1)
    let second = Double(sign: .plus, exponent: -exponent - half, significand: 1)
    values = numbers.map { $0 * first * second }
  }
}

extension CopyMap {
  /// For each element of the image the element it copies, −1 for zero.
  var sources: [Int] {
    let builder = GraphBuilder("copy")
    let x = builder.input("x", [1] + inputShape)
    builder.output("y", apply(to: x))
    // Element i is marked with i + 1, which distinguishes it from padding.
    let marks = (0..<inputShape.reduce(1, *)).map { Double($0 + 1) }
    let copied = ReferenceEvaluator(builder.graph).evaluate(["x": marks])["y"] ?? []
    return copied.map { Int($0) - 1 }
  }
}
